"""How good, how fast: retrieval and abstention, measured as the field measures them.

    __main__     python -m evals retrieval | abstention | fit

    datasets/    questions with relevance judgements, one reader per layout
      dataset    the words: Query, Qrel, Dataset
      beir       corpus.jsonl, queries.jsonl, qrels/test.tsv
      handbook   pages/ and questions.jsonl, read as the product reads a folder
      rows       JSON lines, whose faults name file and line
    indexing     a dataset's documents, chunked, embedded and indexed once, then kept
    measuring    ranked documents and judgements → nDCG, recall, reciprocal rank (pure)
    retrieval    one dataset, several configurations → Report
    abstention   is an answer given where there is one, and held back where there is none?
    separating   AUROC, and what a threshold answers and holds back (pure)
    fitting      the weights of the confidence (pure)
    reporting    tables for people, JSON for programs

    processes    processes that can be killed and started again
    stack        all of Footnote as processes on loopback, for runs that break things

To add a layout of datasets: a file in `datasets/` and a line in `open_dataset`.
To add a configuration of retrieval: a line in `retrieval.CONFIGURATIONS`.
"""
