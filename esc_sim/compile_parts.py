"""How functions are compiled that only kernels call: as parts of the kernel, which alone becomes machine code.

numba optimises each function by itself and makes machine code of it. A kernel then takes all of them up, optimises the
whole and makes machine code of that, so that what nobody else calls needs neither: it took two fifths of the time.

Parts get named tuples of arrays by pointer (:class:`Pointer`). By value each call would hand over, and each part would
put together again, every number of every array, more than a thousand of them. Once all parts are taken up, the pointer
is gone: the optimiser sees the tuple that it leads to.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

from llvmlite import ir as llvm
from numba._dynfunc import make_function
from numba.core import cgutils, ir, types
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.extending import _Intrinsic
from numba.core.ir_utils import get_definition, guard
from numba.core.typed_passes import NativeLowering
from numba.core.typing.templates import AttributeTemplate
from numba.core.untyped_passes import IRProcessing
from numba.extending import (
    infer_getattr,
    lower_getattr_generic,
    models,
    register_model,
)


class Pointer(types.Type):
    """Type of a pointer to a named tuple; its fields are read like those of the tuple.

    Attributes:
        record: type of the named tuple.
        constants: name and value of fields that are integers known in advance.
    """

    def __init__(self, record: types.NamedTuple, constants: tuple[tuple[str, int], ...] = ()) -> None:
        """Point to a named tuple of this type."""
        self.record, self.constants = record, constants
        # Every function bears the types of its arguments in its name, and types are compared millions of times: the
        # tuple's own name is ten thousand letters long.
        digest = hashlib.blake2b(f"{record}{constants}".encode(), digest_size=8).hexdigest()
        super().__init__(f"Pointer({record.instance_class.__name__}_{digest})")


@register_model(Pointer)
class _PointerModel(models.PrimitiveModel):
    def __init__(self, manager: Any, pointer: Pointer) -> None:
        super().__init__(manager, pointer, manager.lookup(pointer.record).get_value_type().as_pointer())


@infer_getattr
class _FieldTypes(AttributeTemplate):
    key = Pointer

    def generic_resolve(self, value: Any, attr: str) -> Any:  # type: ignore[override]  # numba has none
        """Type of a field; tuples within the tuple are handed on by pointer as well."""
        if attr not in value.record.fields:
            return None
        field = value.record.types[value.record.fields.index(attr)]
        return Pointer(field) if isinstance(field, types.NamedTuple) else field


@lower_getattr_generic(Pointer)
def _field(context: Any, builder: Any, pointer: Pointer, value: Any, name: str) -> Any:
    constants = dict(pointer.constants)
    place = pointer.record.fields.index(name)
    if name in constants:
        return context.get_constant(pointer.record.types[place], constants[name])
    field = builder.gep(value, [llvm.IntType(32)(0), llvm.IntType(32)(place)], inbounds=True)
    return field if isinstance(pointer.record.types[place], types.NamedTuple) else builder.load(field)


class Pointing(_Intrinsic):  # type: ignore[misc]
    """A function for kernels that gives a pointer to a named tuple, good until the kernel ends; Python gets the tuple.

    What fields switch off that are known is left out before it is compiled.
    """

    def __init__(self, known: Mapping[str, int] | None = None) -> None:
        """Give pointers to tuples of which these integer fields have these values."""
        constants = tuple(sorted((known or {}).items()))

        def pointed(context: Any, record: Any) -> Any:
            def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
                return cgutils.alloca_once_value(builder, arguments[0])

            return Pointer(record, constants)(record), build

        super().__init__("pointed", pointed)
        self._register()

    def __call__(self, record: Any) -> Any:
        """The tuple itself."""
        return record


@register_pass(mutates_CFG=False, analysis_only=False)
class KnownFields(FunctionPass):
    """Puts the value of a known field where it is read, so that dead branches are seen before types are looked for."""

    _name = "known_fields"

    def __init__(self) -> None:
        FunctionPass.__init__(self)

    def run_pass(self, state: Any) -> bool:
        """Look at all that is read of arguments."""
        changed = False
        for block in state.func_ir.blocks.values():
            for line in block.find_insts(ir.Assign):
                value = _known(state, line.value)
                if value is not None:
                    constant = ir.Const(value, line.loc)
                    state.func_ir._definitions[line.target.name] = [constant]
                    line.value, changed = constant, True
        return changed


def _known(state: Any, value: Any) -> int | None:
    """Value of an expression that reads a known field of an argument; else None."""
    if not isinstance(value, ir.Expr) or value.op != "getattr":
        return None
    owner = guard(get_definition, state.func_ir, value.value)
    of = state.args[owner.index] if isinstance(owner, ir.Arg) else None
    return dict(of.constants).get(value.attr) if isinstance(of, Pointer) else None


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
    """numba's compiler with known fields, and another way of lowering."""

    def define_pipelines(self) -> list[Any]:
        """The passes of numba's compiler, in their order, with two of our own."""
        usual = DefaultPassBuilder.define_nopython_pipeline(self.state)
        usual.passes = [(PartLowering if cls is NativeLowering else cls, words) for cls, words in usual.passes]
        usual.add_pass_after(KnownFields, IRProcessing)
        usual.finalize()
        return [usual]


class ApartCompiler(PartCompiler):
    """The same for functions whose arrays have no number in common, so that they can be worked on several at a time."""

    def define_pipelines(self) -> list[Any]:
        """The same passes, with that said of the arrays."""
        self.state.flags.noalias = True
        return super().define_pipelines()
