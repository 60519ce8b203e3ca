// How two processes of a check speak: by turns, in lines of JSON on descriptors 3 and 4.
#pragma once

#include <string_view>

namespace qeval::sandbox_programs {

inline constexpr std::string_view bridge = R"python(
class _Bridge(_Encoder, _Decoder):
    # One side speaks at a time, and who is asked may ask back: ["call", operation, arguments, ...] is answered by
    # ["value", v, ...] or ["raised", e, ...]. Behind that: containers that changed, containers that one side no longer
    # has, and news.
    def __init__(self, first, trusts, serve):
        super().__init__(first)
        self.read = open(3, "r", encoding="ascii", newline="\n")
        self.write = open(4, "w", encoding="ascii", newline="\n")
        self.dumps, self.loads = _codec()
        self.trusts, self.serve = trusts, serve # trusts: the other side is the tests
        self.hidden = _hidden_types()
        self.met = [] # classes of the other side whose operators met a value of this one
    def post(self, *message):
        self.write.write(self.dumps(message) + "\n")
        self.write.flush()
    def take(self):
        line = self.read.readline()
        if not line: raise _Unfit("the other side ended")
        return self.loads(line)
    def news(self): return None
    def learn(self, news): pass

    def ask(self, operation, *arguments):
        self.say("call", operation, [self.encode(a) for a in arguments])
        while True:
            message = self.take()
            if message[0] == "call":
                self.answer(message)
                continue
            value = self.decode(message[1])
            self.hear(message)
            if message[0] == "raised": raise value
            return value
    def answer(self, message):
        if not self.trusts: # the program asks of nothing but what it was given
            tag, n = message[2][0]
            if tag != "known" or (n - self.next) % 2 or n not in self.objects: raise _Unfit("an object of the tests")
        arguments = [self.decode(a) for a in message[2]]
        self.hear(message)
        try:
            kind, value = "value", self.serve(message[1], arguments)
        except _Unfit:
            raise
        except BaseException as e:
            kind, value = "raised", e.with_traceback(None)
        try:
            value = self.encode(value)
        except Exception as e:
            kind, value = "raised", self.encode(e)
        self.say(kind, value)
    def say(self, *words): self.post(*words, *self.changes(), self.news())
    def hear(self, message):
        self.apply(*message[-3:-1])
        self.learn(message[-1])
)python";

} // namespace qeval::sandbox_programs
