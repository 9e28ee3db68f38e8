"""RAPTOR: a tree of summaries over the document, each of passages that mean like things, wherever they stand in it.

Sarthi et al. 2024, "RAPTOR: recursive abstractive processing for tree-organized retrieval" (https://arxiv.org/abs/2401.18059): chunks are
clustered softly by their vectors (Gaussian mixtures, their number by BIC), each cluster is summarised, and the summaries in turn,
until one is left; all layers are searched as one ("collapsed tree"). The paper reduces dimensions with UMAP, this with principal
components, which the few chunks of one document need no more than. A summary leads to the chunks below it. About one call for
every two or three chunks.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ingestion.indexing.prompts import SUMMARISE
from ingestion.indexing.telling import Telling, size
from rag.domain import Chunk

_LAYERS = 5
_FEWEST = 4  # chunks of a document worth a tree, and nodes of a layer worth clustering
_DIMENSIONS = 10
_MOST_CLUSTERS = 50
_BELONGS = 0.1  # the probability from which a node belongs to a cluster
_ALIKE = 1e-9  # in each dimension: texts repeated
_SEED = 224


@dataclass(frozen=True, slots=True)
class Raptor:
    version: int = 1
    reserved_tokens: int = 0

    def __call__(self, chunks: Sequence[Chunk], telling: Telling) -> list[Chunk]:
        layer = [chunk for chunk in chunks if not chunk.leads_to]
        if len(layer) < _FEWEST:
            return [*chunks]
        tree: list[Chunk] = []
        for _ in range(_LAYERS):
            layer = telling.summaries(_groups(layer, telling), SUMMARISE)
            tree += layer
            if len(layer) <= 1:
                break
        return [*chunks, *tree]


def _groups(nodes: Sequence[Chunk], telling: Telling) -> list[list[Chunk]]:
    """Fewer groups than nodes, each fit for one prompt."""
    if len(nodes) < _FEWEST:
        return [[*nodes]]
    vectors = np.asarray(telling.embed(nodes), dtype=np.float64)
    groups = [
        part
        for members in clusters(vectors)
        for part in _fitting([nodes[place] for place in members], telling.text_tokens)
    ]
    # Clusters may be as many as what they are made of; a tree must come to an end.
    return groups if len(groups) < len(nodes) else _fitting(nodes, telling.text_tokens)


def clusters(vectors: npt.NDArray[np.float64]) -> list[list[int]]:
    """The rows that belong together, in order; a row may belong to several. Every row belongs to one. Deterministic."""
    # Here, since importing takes a second that no process without a tree should spend.
    from sklearn.decomposition import PCA  # noqa: PLC0415
    from sklearn.exceptions import ConvergenceWarning  # noqa: PLC0415
    from sklearn.mixture import GaussianMixture  # noqa: PLC0415

    rows = len(vectors)
    if np.ptp(vectors, axis=0).max() < _ALIKE:
        return [[*range(rows)]]
    reduced = PCA(min(_DIMENSIONS, rows - 2, vectors.shape[1]), random_state=_SEED).fit_transform(vectors)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # equal chunks are fewer points than clusters
        mixtures = [
            GaussianMixture(number, random_state=_SEED, reg_covar=1e-4).fit(reduced)
            for number in range(1, min(_MOST_CLUSTERS, rows // 2) + 1)
        ]
    best = min(mixtures, key=lambda mixture: mixture.bic(reduced))
    chances = best.predict_proba(reduced)
    belongs = chances > np.minimum(_BELONGS, chances.max(axis=1, keepdims=True) / 2)
    found = {tuple(np.flatnonzero(column).tolist()): None for column in belongs.T if column.any()}
    return [[*members] for members in found]


def _fitting(nodes: Sequence[Chunk], tokens: int) -> list[list[Chunk]]:
    """The nodes in as few runs as fit into a prompt each."""
    if len(nodes) == 1 or size(nodes) <= tokens:
        return [[*nodes]]
    middle = len(nodes) // 2
    return [*_fitting(nodes[:middle], tokens), *_fitting(nodes[middle:], tokens)]
