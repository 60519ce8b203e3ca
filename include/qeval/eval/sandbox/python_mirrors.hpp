// Objects of the other process: a class for each class there, whose objects ask for whatever is done with them.
// Operators of the program never see a value of the tests: a mirror never equals one.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view mirrors = R"python(
class _Kind(type): # the class of mirrored classes
    def __call__(cls, *args, **kwargs):
        tool = cls.__dict__.get("_tool")
        return tool(*args, **kwargs) if tool else cls._bridge.ask("call", cls, args, tuple(kwargs.items()))
    def __getattr__(cls, name): return cls._bridge.ask("get", cls, name)
    def __setattr__(cls, name, value): cls._bridge.ask("set", cls, name, value)
    def __delattr__(cls, name): cls._bridge.ask("del", cls, name)
    def __iter__(cls): return cls._bridge.ask("special", cls, "__iter__")
    def __len__(cls): return cls._bridge.ask("special", cls, "__len__")
    def __getitem__(cls, key): return cls._bridge.ask("subscript", cls, key)
    def __bool__(cls): return True

class _Asked: # an attribute that is looked up where the object lives
    def __init__(self, bridge, name): self.bridge, self.name = bridge, name
    def __get__(self, it, kind=None): return self.bridge.ask("get", kind if it is None else it, self.name)
    def __set__(self, it, value): self.bridge.ask("set", it, self.name, value)

def _is_mirror(it): return type(type(it)) is _Kind

async def _awaited(ask, it): # a coroutine of the other side, which runs there
    return ask("await", it)

def _hidden_types(): # builtin types without a name in builtins
    coroutine = _awaited(None, None)
    coroutine.close()
    some = [None, ..., NotImplemented, lambda: 0, (x for x in ()), coroutine, len, _Asked(0, 0).__get__,
            _sys, iter([]), iter(()), iter({}), iter({}.values()), iter({}.items()), iter(set()), iter(""), iter(b""),
            iter(range(0)), reversed([])]
    return {type(v).__name__: type(v) for v in some}

class _Mirrors:
    def mirror(self, name, bases, special, own, real):
        ask = self.ask
        def set_attribute(it, name, value):
            if name.startswith("__"): object.__setattr__(it, name, value)
            else: ask("set", it, name, value)
        body = {"__slots__": (), "_bridge": self, "__module__": "builtins",
                "__getattr__": lambda it, name: ask("get", it, name), "__setattr__": set_attribute,
                "__delattr__": lambda it, name: ask("del", it, name),
                "__dict__": _Asked(self, "__dict__"), "__doc__": _Asked(self, "__doc__")}
        if real: body["__class__"] = property(lambda it: real) # what isinstance() asks
        for word in special:
            if word in _UNARY: body[word] = self.unary(word)
            elif word in _BINARY: body[word] = self.binary(word, next((b for b in map(_base, bases) if b), None))
        if "__eq__" in body: body.setdefault("__hash__", object.__hash__)
        if "no hash" in special: body["__hash__"] = None
        for word in own:
            if not word.startswith("_"): body[word] = _Asked(self, word)
        try:
            return type.__new__(_Kind, name, bases, body)
        except TypeError:
            return type.__new__(_Kind, name, tuple([b for b in bases if b in _BASES][:1]) or (object,), body)
    def unary(self, word):
        if word == "__call__": return lambda it, *args, **kwargs: self.ask("call", it, args, tuple(kwargs.items()))
        return lambda it, *args: self.ask("special", it, word, *args)
    def binary(self, word, base):
        def operate(it, other, *rest):
            if self.trusts or _is_mirror(other): return self.ask("special", it, word, other, *rest)
            # A class of the program must not learn what the tests compare it with.
            self.met.append(type(it).__name__)
            if base and hasattr(base, word): return getattr(base, word)(it, other, *rest)
            return any(x is other or x == other for x in it) if word == "__contains__" else NotImplemented
        return operate
)python";

} // namespace qeval::sandbox_programs
