"""Retrieve and answer: the words and the work that both flows share. Knows nothing of Slack or Celery.

domain      the words: Document, Chunk, Passage, Question, Audience, Answer, Citation
ports       the outside world on one page: Embedder, Index, LLM
generations the index that serves, and the one being built beside it
serving     an index with the model that built it, switched as one
errors      what can go wrong, and what is done about it
answering   the use case: a Question in, an Answer out
retrieval   embed, search, fuse, widen
fusion      two ranked lists become one (pure)
extracting  the sentences that answer, when no LLM is configured
quotable    a chunk's Markdown as pieces that can be quoted (pure)
confidence  how likely the documents hold an answer (pure)
techniques/ query-side techniques, one file each
prompting   the prompts, within a token budget (pure)
citing      [n] marks in a reply become Citations (pure)
adapters/   vendor calls and vendor errors stop here
database    the one database behind ledger and catalogue
settings    the only reader of the environment
composition compose(settings): everything above, wired; closed in reverse
"""
