"""Retrieve and answer: the words and the work that both flows share. Knows nothing of Slack or Celery.

domain      the words: Document, Chunk, Passage, Question, Audience, Answer, Citation
ports       the outside world on one page: Embedder, Index, LLM
generations the index that serves, and the one being built beside it
serving     an index with the model that built it, switched as one
errors      what can go wrong, and what is done about it
answering   the use case: a Question in, an Answer out
retrieval   embed, search, fuse, widen
fusion      two ranked lists become one (pure)
leads       summaries that were found, followed to the chunks they stand for (pure)
generating  answers that a language model writes, and what of them stands
claims      a reply taken apart into claims with their marks, and put together again (pure)
particulars what changes a statement's meaning however little of it: numbers, codes, denials (pure)
checking    every claim held against the passages it names, by words and meaning; verdicts: by the model
conflicts   where documents disagree, the newest first; which no longer hold
clarifying  a question back, where it names no subject and the pages found have several
answer_cache answers given before, by what they depend on
extracting  the sentences that answer, when no LLM is configured
quotable    a chunk's Markdown as pieces that can be quoted (pure)
confidence  how likely the documents hold an answer (pure)
techniques/ query-side techniques, one file each
prompting   the prompts, within a token budget (pure)
budget      how many tokens a text is, and how much of it fits (pure)
citing      [n] marks in a reply become Citations (pure)
adapters/   vendor calls and vendor errors stop here
database    the one database behind ledger and catalogue
settings    the only reader of the environment
tenancy     the settings of one workspace of several
composition compose(settings): everything above, wired; closed in reverse
"""
