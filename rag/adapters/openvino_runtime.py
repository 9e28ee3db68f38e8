"""OpenVINO, imported so that it reports to nobody.

As it is imported it sends an event to its maker's statistics, under an id that it keeps in the home folder, where the
package `openvino_telemetry` can be had (openvino/tools/ovc/__init__.py); where it cannot, a stub takes its place.
So nothing but this file may import openvino.
"""

import sys
from importlib import import_module
from types import ModuleType


def openvino() -> ModuleType:
    """The package. Raises ImportError where it is not installed or does not fit this machine."""
    sys.modules["openvino_telemetry"] = None  # type: ignore[assignment]  # how the import system spells "not there"
    return import_module("openvino")


def decoder_of(traced: object) -> object:
    """A module traced by torch, as OpenVINO reads it. Imports torch."""
    openvino()
    return import_module("openvino.frontend.pytorch.ts_decoder").TorchScriptPythonDecoder(traced)
