// Containers that change are kept equal in both processes of a check: each message carries what changed since the last
// one, so that arguments changed in place, lists given twice and state that is returned behave as in one process.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view containers = R"python(
class _Containers:
    # Numbers of what both sides know: one side gives odd ones, the other even ones.
    def __init__(self, first):
        self.next = first
        self.objects = {} # number -> own object that the other side knows, or mirror of one of its
        self.boxes = {}   # number -> [container that both sides have, what was in it when they last agreed]
        self.numbers = {} # id() of all these -> number
        self.kinds = {}   # id() of a class -> number of its mirror
    def number(self, it, n=None):
        if n is None: n = self.fresh()
        self.objects[n], self.numbers[id(it)] = it, n
        return n
    def boxed(self, it, n=None):
        if n is None: n = self.fresh()
        self.boxes[n], self.numbers[id(it)] = [it, ()], n
        return n
    def fresh(self):
        self.next += 2
        return self.next - 2
    def forget(self, n):
        box = self.boxes.pop(n, None)
        if box and n not in self.objects: del self.numbers[id(box[0])]

    # [number, content] of containers that are not as the other side knows them, and numbers of those without a user.
    def changes(self):
        changed, gone = [], []
        for n, box in list(self.boxes.items()):
            it = box[0]
            if not self.same(it, box[1]):
                box[1] = self.copy(it)
                changed.append([n, self.content(it)])
            if _sys.getrefcount(it) == 3: # the box's, this one, and the argument
                gone.append(n)
                self.forget(n)
        return changed, gone
    def apply(self, changed, gone):
        for n, content in changed:
            if n in self.boxes: self.filled(n, content)
        for n in gone: self.forget(n)

    # Only what builtin types do with their own; a class may say otherwise.
    @staticmethod
    def copy(it):
        base = _base(type(it))
        if base is dict: return [*dict.keys(it), *dict.values(it)]
        return bytes(it) if base is bytearray else [*base.__iter__(it)]
    def same(self, it, before):
        now = self.copy(it)
        return now == before if type(now) is bytes else len(now) == len(before) and all(map(_is, now, before))
    def content(self, it):
        base = _base(type(it))
        if base is bytearray: return bytes(it).hex()
        if base is dict: return [[self.encode(k), self.encode(v)] for k, v in dict.items(it)]
        return self.encode_all(base.__iter__(it))
    def filled(self, n, content):
        it = self.boxes[n][0]
        base = _base(type(it))
        if base is bytearray: it[:] = bytes.fromhex(content)
        elif base is dict:
            pairs = [(self.decode(k), self.decode(v)) for k, v in content]
            way = dict if isinstance(type(it), _Kind) else type(it)
            way.clear(it)
            for k, v in pairs: way.__setitem__(it, k, v)
        elif base is list: list.__setitem__(it, slice(None), [self.decode(x) for x in content])
        else:
            content = [self.decode(x) for x in content]
            base.clear(it)
            (base.update if base is set else base.extend)(it, content)
        self.boxes[n][1] = self.copy(it)
        return it
)python";

} // namespace qeval::sandbox_programs
