"""How functions are compiled that only kernels call: as parts of the kernel, which alone becomes machine code.

numba optimises each function by itself and makes machine code of it. A kernel then takes all of them up, optimises the
whole and makes machine code of that, so that what nobody else calls needs neither: it took two fifths of the time.
"""

from __future__ import annotations

from typing import Any

from numba._dynfunc import make_function
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import register_pass
from numba.core.typed_passes import NativeLowering


class PartLibrary(JITCodeLibrary):
    """Code that is linked into a kernel as it was lowered, and never runs by itself."""

    def _optimize_functions(self, ll_module: Any) -> None:
        ll_module.data_layout = self._codegen._data_layout

    def _optimize_final_module(self) -> None:
        """The kernel is optimised as a whole."""

    def _finalize_final_module(self) -> None:
        self._finalize_dynamic_globals()
        self._verify_declare_only_symbols()
        self._finalized = True


class ApartLibrary(PartLibrary):
    """The same for functions whose arrays are apart: what is said of arguments must reach the numbers in them first."""

    def _optimize_functions(self, ll_module: Any) -> None:
        JITCodeLibrary._optimize_functions(self, ll_module)


@register_pass(mutates_CFG=True, analysis_only=False)
class PartLowering(NativeLowering):
    """Lowering into code that is only linked."""

    _name = "part_lowering"

    def run_pass(self, state: Any) -> bool:
        """Lower the function, and let others find it under an entry that leads nowhere."""
        context = state.targetctx
        library = ApartLibrary if state.flags.noalias else PartLibrary
        state.library = library(context.codegen(), state.func_id.func_qualname)
        state.flags.no_compile = True
        super().run_pass(state)
        lowered = state.cr
        described = lowered.fndesc
        name = described.qualname.rpartition(".")[2]
        entry = make_function(described.lookup_module(), name, "", 0, lowered.env, (state.library,))
        context.insert_user_function(entry, described, [state.library])
        state.cr = lowered._replace(cfunc=entry)
        return True


class PartCompiler(CompilerBase):
    """numba's compiler with another way of lowering."""

    def define_pipelines(self) -> list[Any]:
        """The passes of numba's compiler, in their order, with our own lowering."""
        usual = DefaultPassBuilder.define_nopython_pipeline(self.state)
        usual.passes = [(PartLowering if cls is NativeLowering else cls, words) for cls, words in usual.passes]
        usual._finalized = False
        usual.finalize()
        return [usual]


class ApartCompiler(PartCompiler):
    """The same for functions whose arrays have no number in common, so that they can be worked on several at a time."""

    def define_pipelines(self) -> list[Any]:
        """The same passes, with that said of the arrays."""
        self.state.flags.noalias = True
        return super().define_pipelines()
