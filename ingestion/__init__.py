"""A source in, indexed chunks out.

    __main__           python -m ingestion add | sync | status | audience | schedule | remove | rebuild | move
      arguments        what can be said on the command line
      commands         what each command does
      working          a run seen to its end: done here, or by the bot and followed
      workshop         the parts a command needs, opened when it needs them
      display          what is printed
      moving           index and database carried over to another engine

    kinds              what a link or path is, and what each kind of source can be opened with
    scheduling         sources synced by themselves
    performing         one run: claimed, kept, done, its end written down
      runs             the record of runs: who asked, who works on it, how it went
        run_table      the table of them, and a run as it stands in it
      keeping          a run's lease, while it is worked on
      rebuilding       the index built anew, beside the one that answers
      syncing          one source synced, with all that this takes
      verified         the answers that people verified
      catalogue        the record of sources and of what was last made of their documents
      pipeline         one source, from its originals to its chunks in the index
        sources/       where originals come from, one file or folder for each kind of source
          fetching/    the one way out to the network
          remembering  what a source wants to know again at its next sync
        stock          what there was: the catalogue's word on each document, and the index's
        reading_ahead  listing and reading, ahead of the rest
        verdict        what becomes of a document that was looked at
        indexing/      what a language model writes of a document, indexed beside its text
        writing        embedded and written, batch by batch
          revising     chunks against what the index holds: what to embed, write and delete

    confined/          reading in a process of its own, without network, within limits
      reading          bytes → text, secrets out of it → slices
        parsing        bytes → title and Markdown
          decoding     bytes → text without surprises
          formats/     one file per format
        masking/       keys, tokens and passwords, replaced
        chunking       a document → chunks within the model's window
          outline      Markdown → headings, sections, blocks
          splitting    a block too long for one chunk → pieces
          measuring    lengths in the model's tokens, each word counted once
          shortening   titles and headings that would crowd out the text
          anchors      addresses that land on a passage
          links        relative links made whole
    registered, report: a source, a progress and a report, as all of these mean them

To add a kind of source: docs/sources.md.
To add a format: a file in `formats/`, its name in `formats/kinds.Kind`, its endings in `kinds.KINDS`.
"""
