// How a value leaves a process: plain values with their types, objects as numbers, classes with what their objects can
// do.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view encoder = R"python(
class _Encoder(_Containers):
    def encode_all(self, some):
        some = [*some]
        return some if _PLAIN.issuperset(map(type, some)) else [self.encode(x) for x in some]
    def encode(self, v):
        kind = type(v)
        if kind in _PLAIN: return v
        if kind is int: return v if -1 << 64 < v < 1 << 64 else ["integer", hex(v)]
        if id(v) in self.numbers: return ["known", self.numbers[id(v)]]
        if kind is tuple: return ["tuple", self.encode_all(v)]
        if kind is frozenset: return ["frozenset", self.encode_all(v)]
        if kind is bytes: return ["bytes", v.hex()]
        if kind is complex: return ["complex", v.real, v.imag]
        if kind in _VIEWS: return ["view", _VIEWS[kind], self.encode(dict(v.mapping))]
        if kind in _BOXES: return self.encode_box(v, "box", kind.__name__)
        if v is Ellipsis or v is NotImplemented: return ["name", repr(v)]
        if type in kind.__mro__: return self.encode_class(v)
        if BaseException in kind.__mro__: return self.encode_error(v, self.encode_class(kind))
        where = _where(kind)
        if where in _ARGUMENTS: return ["value", *where, self.encode_all(_ARGUMENTS[where](v))]
        if where and where[0] == "collections" and where[1] in _COLLECTIONS:
            how = getattr(v, "default_factory", None) if where[1] == "defaultdict" else getattr(v, "maxlen", None)
            return self.encode_box(v, "collection", where[1], self.encode(how))
        if not self.trusts: # the tests name what they pass of the standard library
            if kind is type(_sys) and _sys.modules.get(v.__name__) is v: return ["module", v.__name__]
            where = _where(v)
            if where: return ["global", *where]
        elif kind is self.hidden["coroutine"]: return ["coroutine", ["object", self.number(v), self.encode_kind(kind)]]
        base = _base(kind)
        if base in _BOXES:
            self.number(v, self.boxed(v))
            return self.encode_box(v, "derived", self.encode_kind(kind), base.__name__)
        if base in _BASES:
            return ["derived", self.number(v), self.encode_kind(kind), base.__name__, self.bare(v, base)]
        return ["object", self.number(v), self.encode_kind(kind)]
    def encode_box(self, it, *how):
        n = self.numbers.get(id(it)) or self.boxed(it)
        self.boxes[n][1] = self.copy(it)
        return [how[0], n, *how[1:], self.content(it)]
    def encode_error(self, e, c):
        n = self.number(e) if c[0] != "name" else None
        return ["error", n, c, self.encode_all(BaseException.args.__get__(e))]
    def bare(self, v, base): # the value of an object whose class derives from a builtin type
        if base in (tuple, frozenset): return self.encode(base(base.__iter__(v)))
        return self.encode(base.__add__(base(), v) if base in (str, bytes) else base.__pos__(v))
    def encode_class(self, c):
        if id(c) in self.numbers: return ["known", self.numbers[id(c)]]
        if _is_builtin(c): return ["name", c.__name__]
        if self.hidden.get(c.__name__) is c: return ["hidden", c.__name__]
        where = _where(c)
        return ["global", *where] if where and not self.trusts else self.encode_kind(c)
    def encode_kind(self, c): # the class of an object: there is a mirror even of a class that both sides have
        if id(c) in self.kinds: return ["known", self.kinds[id(c)]]
        shared = _is_builtin(c) or self.hidden.get(c.__name__) is c
        where = ("builtins", c.__name__) if shared else _where(c)
        n = self.kinds[id(c)] = self.fresh()
        self.objects[n] = c
        if not shared: self.numbers[id(c)] = n
        base, names = _base(c), {name for k in c.__mro__ if not _is_plain_base(k) for name in k.__dict__}
        special = [name for name in names if name in _UNARY or name in _BINARY]
        if c.__hash__ is None: special.append("no hash")
        own = [name for name in names if base and not name.startswith("__") and hasattr(base, name)]
        bases = [self.encode_class(b) for b in c.__bases__]
        return ["class", n, c.__name__, *(where or (None, None)), bases, special, own]
)python";

} // namespace qeval::sandbox_programs
