"""A source in, indexed chunks out.

    __main__           python -m ingestion add | sync | status | remove | rebuild
      arguments        what can be said on the command line
      commands         what each command does
      working          a run seen to its end: done here, or by the bot and followed
      workshop         the parts a command needs, opened when it needs them
      emptying         the whole index thrown away, for a rebuild
      display          what is printed

    performing         one run: claimed, kept, done, its end written down
      runs             the record of runs: who asked, who works on it, how it went
      catalogue        the record of sources and of what was last made of their documents
      pipeline         one source, from its originals to its chunks in the index
        sources/       where originals come from, one file per kind of source
        parsing        bytes → title and Markdown
          decoding     bytes → text without surprises
          formats/     one file per format
        chunking       a document → chunks within the model's window
          outline      Markdown → headings, sections, blocks
          splitting    a block too long for one chunk → pieces
          shortening   titles and headings that would crowd out the text
          anchors      addresses that land on a passage
          links        relative links made whole
        revising       chunks against what the index holds: what to embed, write and delete
    registered, report, transaction: a source, a progress and a report, a database transaction, as all of these mean them

To add a kind of source: a file in `sources/` and a line in its `open_source`.
To add a format: a file in `formats/` and a line in `parsing.FORMATS`.
"""
