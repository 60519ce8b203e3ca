#!/usr/bin/env python3
"""Make the training text and the held-out evaluation sets of qeval-5m.

Four sources, one seeded generator each:
  scripture  the King James text, as Debian's `bible-kjv` prints it (public domain)
  stories    short scenes of a small invented world
  questions  passages of that world followed by questions and answers
  functions  short Python functions with docstrings

Held out by template and by source: whole books and chapters, the sentence and
question templates after the first list in TEMPLATES and FACTS, a hashed share
of the (person, thing), (town, attribute) and function compositions. Nothing
held out is ever drawn for the training text.
"""
import argparse
import hashlib
import json
import random
import re
import subprocess
from pathlib import Path

END = "<|endoftext|>"

# ----------------------------------------------------------------- scripture

HELD_OUT_BOOKS = ("Ruth", "Jonah", "Phil", "Jas")
HELD_OUT_CHAPTERS = ("Ge24", "1Sm17", "2Ki5", "Psa23", "Psa104", "Prv8", "Isa53", "Luke15", "Acts27", "1Cor13")


def scripture():
    """Return (training chapters, held-out chapters), one document each."""
    text = subprocess.run(["bible", "-f", "gen1:1-rev22:21"], capture_output=True, text=True, check=True).stdout
    chapters = {}
    for line in text.splitlines():
        match = re.match(r"(\d?[A-Za-z]+?)(\d+):\d+ (.*)", line)
        chapters.setdefault((match[1], int(match[2])), []).append(match[3].strip())
    train, held = [], []
    for (book, number), verses in chapters.items():
        document = f"{book} {number}\n" + "\n".join(verses) + "\n"
        out = book in HELD_OUT_BOOKS or f"{book}{number}" in HELD_OUT_CHAPTERS
        (held if out else train).append(document)
    return train, held


# ------------------------------------------------------------- a small world

NAMES = """Anna Ben Clara Dan Eva Fred Grace Hugo Ida Jack Kate Leo Mary Ned Olga Paul Rosa Sam Tina Victor
Walter Alice Bruno Cora Emil Flora George Helen Ivan Julia Karl Lucy Martin Nora Oscar Peter Ruby Simon Tom Vera
Will Agnes Boris Diana Edith Frank Gina Henry Iris John""".split()
PLACES = """kitchen garden barn cellar attic market mill bridge school forest field river harbour church library
stable bakery orchard tower shop meadow yard station castle cave beach office hall workshop well""".split()
HOLDERS = "box basket drawer bag chest cupboard jar bucket sack pot trunk case barrel tin pocket".split()
OBJECTS = """lamp key book knife cup rope hat coin ring drum kite ball letter map brush hammer spoon bell mirror
candle blanket shoe coat pipe clock comb needle plate flute doll watch glove scarf bottle hook saw""".split()
COLOURS = "red blue green yellow black white brown grey purple pink golden silver".split()
ANIMALS = "dog cat horse cow goat sheep pig duck hen donkey rabbit goose".split()
PETS = "Rex Bella Max Daisy Rusty Molly Shadow Ginger Misty Bobby Snowy Tiger Pepper Patch Star Lady".split()
FOODS = "bread cheese soup apples honey milk eggs rice pears fish butter plums nuts beans cake figs".split()
TIMES = ["morning", "afternoon", "evening", "night"]
NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen".split()
COUNTED = "apples pears eggs nuts plums coins stones shells buttons books candles cups".split()
TRAITS = [("tall", "taller", "tallest"), ("old", "older", "oldest"), ("strong", "stronger", "strongest"),
          ("fast", "faster", "fastest"), ("rich", "richer", "richest"), ("young", "younger", "youngest")]
JOBS = {"baker": "bread", "fisherman": "fish", "potter": "pots", "weaver": "cloth", "smith": "nails",
        "tailor": "coats", "shoemaker": "shoes", "carpenter": "tables", "beekeeper": "honey", "miller": "flour",
        "painter": "pictures", "farmer": "wheat", "gardener": "flowers", "dairyman": "cheese"}
WEATHER = {"raining": "umbrella", "snowing": "sledge", "dark": "lantern", "very hot": "fan",
           "very cold": "blanket", "windy": "kite"}

# kind: (templates of the training text, templates of the evaluation sets only)
TEMPLATES = {
    "open": (["One {t} {a} and {b} were in the {l}.", "It was {t}, and {a} met {b} near the {l}.",
              "{a} lived close to {b}, not far from the {l}.", "In the {t} {a} and {b} sat in the {l} and talked.",
              "There was once a quiet {t} when {a} and {b} were at the {l}.", "{a} was a good friend of {b}."],
             ["{a} and {b} came to the {l} in the {t}.", "One {t} {a} was talked to by {b} at the {l}."]),
    "filler": (["The sun was shining.", "Nobody else was there.", "A bird was singing in a tree.", "They laughed a little.",
                "It was a fine day.", "The wind was cold.", "They were not in a hurry.", "Everyone was tired.",
                "They had walked a long way.", "The road was empty.", "A child was playing near them.",
                "There was still much to do.", "They could hear music.", "Someone was cooking."],
               ["A bird was singing near the road.", "There was still music.", "The child was tired and cold."]),
    "own": (["{a} had a {c} {o}.", "{a} owned a {c} {o}.", "A {c} {o} belonged to {a}.", "{a} carried a {c} {o}.",
             "{a} was proud of a {c} {o}.", "There was a {c} {o} that belonged to {a}."],
            ["{a} was carrying a {c} {o}.", "There was a {c} {o}, and it belonged to {a}."]),
    "give": (["{a} gave the {o} to {b}.", "{a} handed the {o} to {b}.", "{b} got the {o} from {a}.",
              "{b} was given the {o} by {a}.", "{a} sold the {o} to {b}.", "{a} passed the {o} to {b}.",
              "{b} bought the {o} from {a}."],
             ["The {o} was given to {b} by {a}.", "{a} gave {b} the {o}."]),
    "gave_close": (["So now the {o} belonged to {b}.", "From then on the owner of the {o} was {b}.",
                    "After that the {o} was in the hands of {b}.", "The {o} was carried home by {b}.",
                    "In the end the {o} was kept by {b}."],
                   ["So from then on the {o} was owned by {b}.", "After that the {o} belonged to {b}."]),
    "move": (["{a} went to the {l}.", "{a} walked to the {l}.", "{a} ran to the {l}.", "{a} hurried to the {l}.",
              "Then {a} came to the {l}.", "{a} travelled to the {l}.", "Soon {a} was in the {l}."],
             ["Then {a} walked to the {l}.", "Soon {a} went to the {l}."]),
    "moved_close": (["That is why {a} could be found in the {l}.", "So at last {a} was in the {l}.",
                     "Those who looked for {a} had to go to the {l}.", "{a} stayed for a long time in the {l}."],
                    ["At last {a} could be found in the {l}.", "That is why {a} stayed in the {l}."]),
    "put": (["{a} put the {o} in the {h}.", "{a} hid the {o} in the {h}.", "{a} laid the {o} in the {h}.",
             "{a} placed the {o} inside the {h}.", "{a} kept the {o} in the {h}.", "The {o} was put in the {h} by {a}."],
            ["The {o} was hidden in the {h} by {a}.", "{a} put the {o} inside the {h}."]),
    "put_close": (["When {b} wanted the {o}, {a} opened the {h}.", "Later {b} found the {o} in the {h}.",
                   "The next day the {o} was still in the {h}.", "To get the {o} again, {b} had to open the {h}."],
                  ["The next day {b} found the {o} inside the {h}.", "Later the {o} was still in the {h}."]),
    "colour_close": (["Everyone knew that the {o} of {a} was {c}.", "If you ask about the {o} of {a}, it was {c}.",
                      "People liked the {o} of {a} because it was {c}."],
                     ["People knew that the {o} of {a} was {c}."]),
    "pet": (["{a} had a {n} called {p}.", "The {n} of {a} was called {p}.", "{a} looked after a {n} named {p}.",
             "{p} was the name of the {n} that {a} had.", "{a} loved a {n} named {p}."],
            ["{a} loved a {n} called {p}.", "The {n} of {a} was named {p}."]),
    "pet_close": (["The {n} ran away, so {a} went out and called for {p}.", "When the {n} was hungry, {a} brought food to {p}.",
                   "In the {t} {a} played with the {n}, whose name was {p}."],
                  ["When the {n} ran away, {a} went out to look for {p}."]),
    "job": (["{a} was a {j}.", "{a} worked as a {j}.", "The {j} was called {a}.", "For many years {a} was the {j}.",
             "{a} wanted to be a {j}, and became one."],
            ["For many years {a} worked as a {j}."]),
    "job_close": (["All day long {a} made {m}.", "People came to {a} to buy {m}.", "In the market {a} sold {m}.",
                   "If anyone needed {m}, {a} had plenty of {m}."],
                  ["People came to the market, where {a} sold {m}."]),
    "weather_close": (["It was {w}, so {a} took the {x}.", "Because it was {w}, {a} asked {b} for the {x}.",
                       "{a} saw that it was {w} and brought the {x}."],
                      ["{a} saw that it was {w} and asked {b} for the {x}."]),
    "eat": (["{a} ate {f}.", "{a} had {f} for dinner.", "{a} liked {f} most of all.", "{a} cooked {f}.", "{a} asked for {f}."],
            ["{a} asked for {f} and ate."]),
    "eat_close": (["On the plate of {a} there was some {f}.", "The cook knew that {a} would want {f}."],
                  ["The cook knew that on the plate of {a} there was {f}."]),
    "count": (["{a} had {n1} {k}. {a} found {n2} more.", "{a} had {n1} {k}, and {b} gave {a} {n2} more.",
               "There were {n1} {k} in the {h}, and {a} put in {n2} more."],
              ["{a} found {n1} {k}, and {b} gave {a} {n2} more."]),
    "count_close": (["If you count the {k}, the number is {n3}.", "Altogether the number of {k} was {n3}."],
                    ["Altogether, if you count the {k}, the number was {n3}."]),
    "less": (["{a} had {n1} {k}. {a} lost {n2} of them.", "{a} had {n1} {k}, and gave {n2} of them to {b}.",
              "There were {n1} {k} in the {h}, and {a} took {n2} of them."],
             ["{a} found {n1} {k}, and lost {n2} of them."]),
    "less_close": (["Of the {k}, the number left was {n3}.", "When {a} counted the {k} again, the number was {n3}."],
                   ["When {a} counted the {k} again, the number left was {n3}."]),
    "compare": (["{a} was {q} than {b}, and {b} was {q} than {d}.", "{b} was {q} than {d}. {a} was {q} than {b}.",
                 "{a}, {b} and {d} were not alike: {a} was {q} than {b}, and {b} was {q} than {d}."],
                ["{b} was {q} than {d}, but {a} was {q} than {b}."]),
    "compare_close": (["So the {r} of the three was {a}.", "Of all three, the {r} was {a}."],
                      ["So of all three the {r} was {a}."]),
    "talk": (["\"Where is the {o}?\" asked {b}. \"It is in the {h},\" said {a}.",
              "{a} told {b} that the {o} was in the {h}.", "\"I put the {o} in the {h},\" said {a} to {b}."],
             ["\"Where is the {o}?\" asked {b}. {a} said that the {o} was in the {h}."]),
    # questions
    "who_has": (["Who has the {o}?", "Who got the {o}?", "To whom was the {o} given?", "Who is the new owner of the {o}?",
                 "Who holds the {o} now?"], ["Who has the {o} now?", "Who is the owner of the {o}?"]),
    "who_gave": (["Who gave the {o} away?", "Who had the {o} first?", "From whom did the {o} come?"],
                 ["Who had the {o} at first and gave it away?"]),
    "where_person": (["Where is {a}?", "Where did {a} go?", "In which place is {a}?", "Where can {a} be found?"],
                     ["Where can you find {a}?", "To which place did {a} go?"]),
    "where_object": (["Where is the {o}?", "Where was the {o} put?", "In what is the {o}?", "Where can the {o} be found?"],
                     ["Where can you find the {o}?", "In what was the {o} put?"]),
    "what_in": (["What is in the {h}?", "What was put in the {h}?", "What does the {h} hold?"],
                ["What can be found in the {h}?"]),
    "colour": (["What colour is the {o}?", "Which colour has the {o}?", "What is the colour of the {o}?"],
               ["Of what colour is the {o}?"]),
    "pet_name": (["What is the name of the {n}?", "What is the {n} called?", "How is the {n} named?"],
                 ["What name has the {n}?"]),
    "pet_owner": (["Who is the owner of {p}?", "Who looks after {p}?", "To whom does {p} belong?"],
                  ["Who owns the {n} called {p}?"]),
    "job_what": (["What does {a} make?", "What does {a} sell?", "What can people buy from {a}?"],
                 ["What can people get from {a}?"]),
    "job_name": (["What is the work of {a}?", "As what does {a} work?", "What is {a}?"], ["What work does {a} do?"]),
    "ate": (["What did {a} eat?", "What was the food of {a}?", "What food did {a} want?"], ["What food did {a} eat?"]),
    "count_q": (["How many {k} are there now?", "How many {k} are there in all?", "What is the number of {k}?"],
                ["What is the number of {k} now?"]),
    "compare_q": (["Who is the {r}?", "Which of them is the {r}?", "Who was the {r} of the three?"],
                  ["Which of the three is the {r}?"]),
    "not_compare": (["Who is neither the first nor the last of the three?", "Who is in the middle?"],
                    ["Who is in the middle of the three?"]),
}

# Facts of the invented country, learned from the weights and not from the passage.
TOWNS = """Velmor Arden Tisby Korrin Maldon Ostrel Pendry Quill Rastow Selby Thorne Umber Wexley Yarrow Zell Brackley
Corvan Dunmere Elsted Farrow Galdor Harwick Inverly Jorvale Kestrel Lomond Merrow Norsted Oakley Pellam""".split()
FACT_VALUES = {
    "river": "Aven Bray Calder Dove Esk Fenn Glim Hale Irwell Jade Kenn Lyn".split(),
    "trade": "wool salt glass silk iron tea wine paper leather sugar timber coal".split(),
    "ruler": "Aldric Berta Conrad Delia Edmund Freya Godwin Hilda Ingrid Jasper Lothar Matilda".split(),
    "sight": "tower bridge statue fountain garden temple palace theatre lighthouse clock wall cathedral".split(),
}
FACTS = {  # attribute: (statements, questions, held-out questions)
    "river": (["The river {v} flows through {w}.", "{w} lies on the river {v}.", "In {w} boats sail on the river {v}."],
              ["Which river flows through {w}?", "On which river does {w} lie?", "What is the river of {w}?"],
              ["Which is the river of {w}?"]),
    "trade": (["The people of {w} sell {v}.", "{w} is known for its {v}.", "Merchants come to {w} to buy {v}."],
              ["What do the people of {w} sell?", "For what is {w} known?", "What do merchants buy in {w}?"],
              ["What do people buy in {w}?"]),
    "ruler": (["{w} is ruled by {v}.", "The ruler of {w} is {v}.", "In {w} everyone obeys {v}."],
              ["Who rules {w}?", "Who is the ruler of {w}?", "By whom is {w} ruled?"],
              ["Who is it that rules {w}?"]),
    "sight": (["Visitors to {w} go to see the {v}.", "In the middle of {w} stands a great {v}.", "{w} has a famous {v}."],
              ["What do visitors see in {w}?", "What stands in the middle of {w}?", "What famous thing has {w}?"],
              ["What famous thing stands in {w}?"]),
}


def held(*parts, share=12):
    """Whether a combination is held out: a hash, so that both splits agree without a list."""
    digest = hashlib.sha256("|".join(map(str, parts)).encode()).digest()
    return digest[0] * 100 < share * 256


def country():
    rng = random.Random(7)
    return {w: {k: rng.choice(v) for k, v in FACT_VALUES.items()} for w in TOWNS}


COUNTRY = country()


class Scene:
    """One coherent scene: sentences, a closing sentence whose last word follows from them, and questions."""

    def __init__(self, rng, evaluation):
        self.rng, self.evaluation = rng, evaluation
        self.sentences, self.closings, self.questions = [], [], []
        self.people = rng.sample(NAMES, 5)
        self.places, self.holders = rng.sample(PLACES, 4), rng.sample(HOLDERS, 4)
        self.objects, self.colours = rng.sample(OBJECTS, 4), rng.sample(COLOURS, 4)

    def text(self, kind, *, key=False, **slots):
        """Fill a template; an evaluation item takes its key sentences from the held-out templates."""
        train, out = TEMPLATES[kind]
        pool = train
        if self.evaluation:
            pool = out if key else train + out
        return self.rng.choice(pool).format(**slots)

    def say(self, kind, **slots):
        self.sentences.append(self.text(kind, **slots))

    def close(self, kind, **slots):
        self.closings.append(self.text(kind, key=True, **slots))

    def ask(self, kind, answer, others, **slots):
        self.questions.append((self.text(kind, key=True, **slots), answer, [o for o in others if o != answer]))

    def allowed(self, *parts):
        return held(*parts) == self.evaluation

    def filler(self):
        if self.rng.random() < 0.4:
            self.say("filler")

    # Each event adds sentences, a closing sentence and questions about itself.
    def gift(self, a, b, o, c, d):
        if not self.allowed("gift", b, o):
            return False
        self.say("own", a=a, o=o, c=c)
        self.filler()
        self.say("give", a=a, b=b, o=o)
        self.close("gave_close", a=a, b=b, o=o)
        self.close("colour_close", a=b, o=o, c=c)
        self.ask("who_has", b, self.people, o=o)
        self.ask("who_gave", a, self.people, o=o)
        self.ask("colour", c, self.colours + COLOURS[:3], o=o)
        return True

    def hide(self, a, b, o, c, d):
        h = self.rng.choice(self.holders[:3])  # the fourth is left to count()
        if not self.allowed("hide", o, h):
            return False
        if self.rng.random() < 0.5:
            self.say("own", a=a, o=o, c=c)
            self.ask("colour", c, self.colours + COLOURS[:3], o=o)
        self.say("put" if self.rng.random() < 0.75 else "talk", a=a, b=b, o=o, h=h)
        self.close("put_close", a=a, b=b, o=o, h=h)
        self.ask("where_object", f"in the {h}", [f"in the {x}" for x in self.rng.sample(HOLDERS, 5)], o=o)
        self.ask("what_in", f"the {o}", [f"the {x}" for x in self.objects + self.rng.sample(OBJECTS, 3)], h=h)
        return True

    def walk(self, a, b, o, c, d):
        l = self.places[1]
        if not self.allowed("walk", a, l):
            return False
        self.say("move", a=b, l=self.places[2])
        self.filler()
        self.say("move", a=a, l=l)
        self.close("moved_close", a=a, l=l)
        others = [f"in the {x}" for x in self.places + self.rng.sample(PLACES, 3)]
        self.ask("where_person", f"in the {l}", others, a=a)
        self.ask("where_person", f"in the {self.places[2]}", others, a=b)
        return True

    def pet(self, a, b, o, c, d):
        n, p, q = self.rng.choice(ANIMALS), *self.rng.sample(PETS, 2)
        if not self.allowed("pet", n, p):
            return False
        m = self.rng.choice([x for x in ANIMALS if x != n])
        pair = [(a, n, p), (b, m, q)]
        self.rng.shuffle(pair)
        for x, y, z in pair:
            self.say("pet", a=x, n=y, p=z)
        self.close("pet_close", a=a, n=n, p=p, t=self.rng.choice(TIMES))
        self.ask("pet_name", p, [q] + self.rng.sample(PETS, 4), n=n)
        self.ask("pet_owner", a, self.people, p=p, n=n)
        return True

    def job(self, a, b, o, c, d):
        j = self.rng.choice(list(JOBS))
        if not self.allowed("job", a, j):
            return False
        self.say("job", a=a, j=j)
        other = self.rng.choice([x for x in JOBS if x != j])
        if self.rng.random() < 0.6:
            self.say("job", a=b, j=other)
        self.close("job_close", a=a, m=JOBS[j])
        self.ask("job_what", JOBS[j], [JOBS[other]] + self.rng.sample(list(JOBS.values()), 4), a=a)
        self.ask("job_name", f"a {j}", [f"a {other}"] + [f"a {x}" for x in self.rng.sample(list(JOBS), 4)], a=a)
        return True

    def weather(self, a, b, o, c, d):
        w = self.rng.choice(list(WEATHER))
        if not self.allowed("weather", a, w):
            return False
        self.filler()
        self.close("weather_close", a=a, b=b, w=w, x=WEATHER[w])
        return True

    def meal(self, a, b, o, c, d):
        f, g = self.rng.sample(FOODS, 2)
        if not self.allowed("meal", a, f):
            return False
        pair = [(a, f), (b, g)]
        self.rng.shuffle(pair)
        for x, y in pair:
            self.say("eat", a=x, f=y)
        self.close("eat_close", a=a, f=f)
        self.ask("ate", f, [g] + self.rng.sample(FOODS, 4), a=a)
        return True

    def count(self, a, b, o, c, d):
        k, less = self.rng.choice(COUNTED), self.rng.random() < 0.5
        n1, n2 = self.rng.randint(2, 9), self.rng.randint(1, 5)
        if less and n2 >= n1 or not self.allowed("count", k, n1, n2, less):
            return False
        n3 = n1 - n2 if less else n1 + n2
        w1, w2, w3 = NUMBERS[n1], NUMBERS[n2], NUMBERS[n3]
        kind = "less" if less else "count"
        self.say(kind, a=a, b=b, k=k, n1=w1, n2=w2, h=self.holders[3])
        self.close(kind + "_close", a=a, k=k, n3=w3)
        near = [NUMBERS[x] for x in (n3 - 1, n3 + 1, n3 + 2, n1, n2) if 0 < x < len(NUMBERS)]
        self.ask("count_q", w3, near, k=k)
        return True

    def compare(self, a, b, o, c, d):
        _, q, r = self.rng.choice(TRAITS)
        if not self.allowed("compare", a, b, q):
            return False
        self.say("compare", a=a, b=b, d=d, q=q)
        self.close("compare_close", a=a, r=r)
        self.ask("compare_q", a, self.people, r=r)
        self.ask("not_compare", b, self.people)
        return True

    EVENTS = (gift, gift, hide, hide, walk, pet, job, weather, meal, count, compare)

    def play(self, events):
        a, b, d = self.people[:3]
        if self.rng.random() < 0.7:
            self.say("open", a=a, b=b, l=self.places[0], t=self.rng.choice(TIMES))
        kinds, done = list(self.EVENTS), 0
        while done < events:
            event = self.rng.choice(kinds)
            if event(self, a, b, self.objects[done % 4], self.colours[done % 4], d):
                kinds = [k for k in kinds if k is not event]
                done += 1
                self.filler()
                a, b, d = self.rng.sample(self.people[:3], 3)
        return self


def story(rng):
    parts = []
    for _ in range(rng.randint(1, 2)):
        scene = Scene(rng, False).play(rng.randint(1, 3))
        closings = rng.sample(scene.closings, rng.randint(1, len(scene.closings)))
        parts.append(" ".join(scene.sentences + closings))
    return "\n".join(parts) + "\n"


def lay_out(context, question):
    return f"{context}\nQuestion: {question}\nAnswer:"


def fact_sentences(rng, town, count):
    return [rng.choice(FACTS[k][0]).format(w=town, v=COUNTRY[town][k]) for k in rng.sample(list(FACTS), count)]


def fact_question(rng, evaluation):
    """A question whose answer is not in its passage: it asks what the weights remember."""
    while True:
        town, kind = rng.choice(TOWNS), rng.choice(list(FACTS))
        if held("fact", town, kind, share=20) == evaluation:
            break
    a, b = rng.sample(NAMES, 2)
    place = rng.choice(["{a} and {b} travelled to {w}.", "{a} came from {w}.", "{b} wanted to visit {w} with {a}."])
    question = rng.choice(FACTS[kind][2 if evaluation else 1]).format(w=town)
    value = COUNTRY[town][kind]
    article = "the " if kind == "sight" else ""
    others = [article + v for v in FACT_VALUES[kind] if v != value]
    return place.format(a=a, b=b, w=town), question, article + value, others


def about_town(rng):
    lines = []
    for town in rng.sample(TOWNS, rng.randint(1, 3)):
        lines.append(" ".join(fact_sentences(rng, town, rng.randint(2, 4))))
    return "\n".join(lines) + "\n"


def question_document(rng):
    kind = rng.random()
    if kind < 0.12:
        return about_town(rng)
    if kind < 0.3:
        context, question, answer, _ = fact_question(rng, False)
        pairs = [(question, answer)]
    else:
        scene = Scene(rng, False).play(rng.randint(1, 3))
        while not scene.questions:
            scene = Scene(rng, False).play(rng.randint(1, 3))
        context = " ".join(scene.sentences)
        asked = rng.sample(scene.questions, min(len(scene.questions), rng.randint(2, 5)))
        pairs = [(q, a) for q, a, _ in asked]
    return context + "".join(lay_out("", q) + " " + a for q, a in pairs) + "\n"


# ----------------------------------------------------------------- functions

LIST_NAMES = "values numbers items data nums".split()
FILTERS = {  # kind: (English, Python on x, part of a function name)
    "all": ("numbers", "", ""), "even": ("even numbers", "x % 2 == 0", "even"), "odd": ("odd numbers", "x % 2 == 1", "odd"),
    "positive": ("positive numbers", "x > 0", "positive"), "negative": ("negative numbers", "x < 0", "negative"),
    "above": ("numbers greater than {k}", "x > {k}", "large"), "below": ("numbers less than {k}", "x < {k}", "small"),
    "divisible": ("numbers divisible by {k}", "x % {k} == 0", "divisible"),
    "differ": ("numbers not equal to {k}", "x != {k}", "other"),
}
MAPS = {
    "same": ("the {f}", "x", ""), "square": ("the squares of the {f}", "x * x", "squares"),
    "double": ("twice the {f}", "2 * x", "doubles"), "negate": ("the negatives of the {f}", "-x", "negatives"),
    "abs": ("the absolute values of the {f}", "abs(x)", "sizes"), "half": ("the halves of the {f}", "x // 2", "halves"),
    "plus": ("the {f}, each plus {m},", "x + {m}", "raised"), "times": ("the {f}, each times {m},", "x * {m}", "scaled"),
    "minus": ("the {f}, each minus {m},", "x - {m}", "lowered"),
}
REDUCES = {
    "sum": ("the sum of {e}", "sum({g})", "sum"), "list": ("a list of {e}", "[{g}]", "list"),
    "max": ("the largest of {e}", "max({g})", "max"), "min": ("the smallest of {e}", "min({g})", "min"),
    "count": ("the number of {e}", "len([{g}])", "count"), "sorted": ("a sorted list of {e}", "sorted({g})", "sorted"),
    "tuple": ("a tuple of {e}", "tuple({g})", "tuple"),
}
WORD_FILTERS = {
    "all": ("words", "", ""), "long": ("words longer than {k}", "len(w) > {k}", "long"),
    "short": ("words shorter than {k}", "len(w) < {k}", "short"), "starts": ("words starting with '{c}'", "w.startswith('{c}')", "starting"),
    "ends": ("words ending with '{c}'", "w.endswith('{c}')", "ending"), "has": ("words containing '{c}'", "'{c}' in w", "with"),
}
WORD_MAPS = {
    "same": ("the {f}", "w", ""), "upper": ("the {f} in upper case", "w.upper()", "upper"), "lower": ("the {f} in lower case", "w.lower()", "lower"),
    "reverse": ("the reversed {f}", "w[::-1]", "reversed"), "length": ("the lengths of the {f}", "len(w)", "lengths"),
    "first": ("the first letters of the {f}", "w[0]", "first"), "last": ("the last letters of the {f}", "w[-1]", "last"),
}
WORD_REDUCES = {"list": ("a list of {e}", "[{g}]", "list"), "sorted": ("a sorted list of {e}", "sorted({g})", "sorted"),
                "tuple": ("a tuple of {e}", "tuple({g})", "tuple")}
TESTS = {"is even": "{n} % 2 == 0", "is odd": "{n} % 2 == 1", "is positive": "{n} > 0", "is negative": "{n} < 0",
         "is greater than {k}": "{n} > {k}", "is less than {k}": "{n} < {k}", "is divisible by {k}": "{n} % {k} == 0"}
RESULTS = {"plus {m}": "{n} + {m}", "minus {m}": "{n} - {m}", "times {m}": "{n} * {m}", "squared": "{n} * {n}", "negated": "-{n}"}
PAIRS = {"the sum of {a} and {b}": "{a} + {b}", "the product of {a} and {b}": "{a} * {b}", "the difference of {a} and {b}": "{a} - {b}",
         "the larger of {a} and {b}": "max({a}, {b})", "the smaller of {a} and {b}": "min({a}, {b})"}
AFTER = {"plus {m}": "{e} + {m}", "minus {m}": "{e} - {m}", "times {m}": "({e}) * {m}", "": "{e}"}
STRINGS = {"reversed": "[::-1]", "in upper case": ".upper()", "in lower case": ".lower()", "without spaces at the ends": ".strip()",
           "with '{c}' replaced by '{d}'": ".replace('{c}', '{d}')", "cut to the first {k} letters": "[:{k}]",
           "without the first {k} letters": "[{k}:]", "repeated {k} times": " * {k}"}
FRAMES = (["Return {d}.", "Return {d}.", "Compute {d}.", "Give back {d}.", "Compute and return {d}."], ["Compute and give back {d}."])
VERBS = ["get", "find", "compute", "make", "calc"]


def name_of(rng, *parts):
    parts = [p for p in parts if p]
    return "_".join(([rng.choice(VERBS)] if rng.random() < 0.5 or len(parts) < 2 else []) + parts)


def function_task(rng, evaluation):
    """Return (name, parameters, task in English, body, arguments for tests)."""
    family = rng.choice(["numbers"] * 4 + ["words"] * 2 + ["loop"] * 2 + ["branch"] * 2 + ["choose", "pair", "string"])
    k, m = rng.randint(2, 9), rng.randint(2, 9)
    c, d = rng.sample("abcdeiorst", 2)
    if family in ("numbers", "loop"):
        f, g = rng.choice(list(FILTERS)), rng.choice(list(MAPS))
        r = rng.choice(list(REDUCES)) if family == "numbers" else rng.choice(["sum", "list", "count"])
        if r == "count":
            g = "same"
        if held(family, f, g, r) != evaluation:
            return None
        x = rng.choice(LIST_NAMES)
        where = FILTERS[f][0].format(k=k) + f" in {x}"
        each = MAPS[g][0].format(f=where, m=m)
        task = REDUCES[r][0].format(e=each).rstrip(",")
        value, test = MAPS[g][1].format(m=m), FILTERS[f][1].format(k=k)
        name = name_of(rng, REDUCES[r][2], FILTERS[f][2], MAPS[g][2])
        if family == "numbers":
            body = "    return " + REDUCES[r][1].format(g=f"{value} for x in {x}" + (f" if {test}" if test else "")) + "\n"
            body = body.replace("[x for x in " + x + "]", f"list({x})") if r == "list" else body
        else:
            task = "with a loop " + task
            name += "_loop"
            start, step = {"sum": ("0", f"result += {value}"), "count": ("0", "result += 1"), "list": ("[]", f"result.append({value})")}[r]
            inner = f"        if {test}:\n            {step}\n" if test else f"        {step}\n"
            body = f"    result = {start}\n    for x in {x}:\n{inner}    return result\n"
        arguments = [(sample_numbers(rng),) for _ in range(4)]
        return name, x, task, body, arguments
    if family == "words":
        f, g, r = rng.choice(list(WORD_FILTERS)), rng.choice(list(WORD_MAPS)), rng.choice(list(WORD_REDUCES))
        if held(family, f, g, r) != evaluation:
            return None
        task = WORD_REDUCES[r][0].format(e=WORD_MAPS[g][0].format(f=WORD_FILTERS[f][0].format(k=k, c=c)))
        test = WORD_FILTERS[f][1].format(k=k, c=c)
        inner = f"{WORD_MAPS[g][1]} for w in words" + (f" if {test}" if test else "")
        body = "    return " + WORD_REDUCES[r][1].format(g=inner) + "\n"
        words = OBJECTS + [x.capitalize() for x in FOODS]
        return name_of(rng, WORD_REDUCES[r][2], WORD_FILTERS[f][2], WORD_MAPS[g][2]), "words", task, body, \
            [(rng.sample(words, rng.randint(3, 6)),) for _ in range(4)]
    if family in ("branch", "choose"):
        n, t = rng.choice("nxk"), rng.choice(list(TESTS))
        condition, english = TESTS[t].format(n=n, k=k), f"{n} " + t.format(k=k)
        if family == "branch":
            y, z = rng.sample(list(RESULTS), 2)
            if held(family, t, y, z) != evaluation:
                return None
            task = f"{n} {y.format(m=m)} if {english}, otherwise {n} {z.format(m=k)}"
            body = f"    if {condition}:\n        return {RESULTS[y].format(n=n, m=m)}\n    return {RESULTS[z].format(n=n, m=k)}\n"
        else:
            y, z = rng.sample("yes no big small good bad true false left right".split(), 2)
            if held(family, t, y, z) != evaluation:
                return None
            task = f"'{y}' if {english}, otherwise '{z}'"
            body = f"    return '{y}' if {condition} else '{z}'\n"
        return name_of(rng, rng.choice(["change", "decide", "step", "check"]), t.split()[1]), n, task, body, \
            [(v,) for v in rng.sample(range(-12, 25), 6)]
    if family == "pair":
        p, q, (a, b) = rng.choice(list(PAIRS)), rng.choice(list(AFTER)), rng.choice([("a", "b"), ("x", "y"), ("m", "n"), ("left", "right"), ("p", "q")])
        if held(family, p, q, a) != evaluation:
            return None
        task = p.format(a=a, b=b) + (f", {q.format(m=m)}" if q else "")
        body = f"    return {AFTER[q].format(e=PAIRS[p].format(a=a, b=b), m=m)}\n"
        return name_of(rng, p.split()[1], q.split(" ")[0]), f"{a}, {b}", task, body, \
            [(rng.randint(-9, 9), rng.randint(-9, 9)) for _ in range(5)]
    y, z = rng.choice(list(STRINGS)), rng.choice([""] + list(STRINGS))
    if z == y or "repeated" in y and z or held("string", y, z) != evaluation:
        return None
    s = rng.choice(["text", "s", "word", "line"])
    task = f"{s} {y}" + (f" and {z}" if z else "")
    body = f"    return {s}{STRINGS[y]}{STRINGS[z] if z else ''}\n"
    task, body = (v.format(c=c, d=d, k=k) for v in (task, body))
    return name_of(rng, rng.choice(["edit", "change", "tidy"]), s), s, task, body, \
        [(" ".join(rng.sample(OBJECTS + [x.upper() for x in ANIMALS], 2)) + " ",) for _ in range(4)]


def sample_numbers(rng):
    # Every filter must keep something, or max() and min() would have nothing to take.
    return rng.sample(range(-30, 31), rng.randint(2, 4)) + [-7, 19, 2520, 1]


def function(rng, evaluation):
    """Return (prompt, solution, name, [(arguments, result)])."""
    task = None
    while task is None:
        task = function_task(rng, evaluation)
    name, parameters, english, body, arguments = task
    frame = rng.choice(FRAMES[1] if evaluation else FRAMES[0])
    namespace = {}
    exec(f"def {name}({parameters}):\n{body}", namespace)  # our own generated text
    results = [(a, namespace[name](*a)) for a in arguments]
    lines = [f"def {name}({parameters}):", f'    """{frame.format(d=english)}']
    if rng.random() < 0.2:
        shown, value = results[0]
        lines += ["", f"    >>> {name}({', '.join(map(repr, shown))})", f"    {value!r}"]
    return "\n".join(lines) + '\n    """\n', body, name, results[1:]


def function_document(rng):
    prompt, body, _, _ = function(rng, False)
    return prompt + body


# ---------------------------------------------------------- evaluation sets

def multiple_choice(rng, count):
    items, seen = [], set()
    while len(items) < count:
        if rng.random() < 0.25:
            context, question, answer, others = fact_question(rng, True)
        else:
            scene = Scene(rng, True).play(rng.randint(1, 3))
            if not scene.questions:
                continue
            context = " ".join(scene.sentences)
            question, answer, others = rng.choice(scene.questions)
        others = list(dict.fromkeys(others))[:6]
        if (context, question) in seen or len(others) < 3:
            continue
        seen.add((context, question))
        choices = rng.sample(others, 3) + [answer]
        rng.shuffle(choices)
        items.append({"id": f"mc-{len(items):04d}", "context": context, "question": question,
                      "choices": choices, "answer": choices.index(answer)})
    return items


def cloze(rng, count):
    items = []
    while len(items) < count:
        scene = Scene(rng, True).play(rng.randint(1, 3))
        text = " ".join(scene.sentences + [rng.choice(scene.closings)]).rstrip(".")
        items.append({"id": f"cloze-{len(items):04d}", "text": text})
    return items


def functions(rng, count):
    items, seen = [], set()
    while len(items) < count:
        prompt, body, name, results = function(rng, True)
        if (prompt.split('"""')[1], body) in seen:
            continue
        seen.add((prompt.split('"""')[1], body))
        checks = "".join(f"    assert candidate({', '.join(map(repr, a))}) == {r!r}\n" for a, r in results)
        items.append({"task_id": f"qeval/{len(items)}", "prompt": prompt, "entry_point": name, "canonical_solution": body,
                      "test": f"METADATA = {{}}\n\n\ndef check(candidate):\n{checks}"})
    return items


def held_out_text(rng, chapters):
    """Perplexity text: every source, only what the training text cannot contain."""
    documents = list(chapters)
    for item in multiple_choice(rng, 120):
        documents.append(lay_out(item["context"], item["question"]) + " " + item["choices"][item["answer"]] + "\n")
    documents += [item["text"] + ".\n" for item in cloze(rng, 120)]
    documents += [item["prompt"] + item["canonical_solution"] for item in functions(rng, 120)]
    rng.shuffle(documents)
    return documents


def n_grams(text, n):
    words = re.findall(r"\w+|[^\w\s]", text)
    return {tuple(words[i:i + n]) for i in range(len(words) - n + 1)}


def overlap_report(train, sets):
    """Share of the distinct n-grams of every held-out document that occur anywhere in the training text."""
    report = {name: {"documents": len(documents), "documents_in_training": sum(d in train for d in documents)}
              for name, documents in sets.items()}
    for n in (8, 13):
        wanted = set().union(*(n_grams(d, n) for documents in sets.values() for d in documents))
        known = set()
        for document in train:
            known |= n_grams(document, n) & wanted
        for name, documents in sets.items():
            grams = [n_grams(d, n) for d in documents]
            report[name][f"{n}_gram_overlap"] = round(sum(len(g & known) for g in grams) / sum(map(len, grams)), 4)
    return report


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="folder for train.txt, which is not committed")
    parser.add_argument("--data", type=Path, required=True, help="folder of the held-out sets")
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--megabytes", type=float, default=60, help="size of the generated part")
    parser.add_argument("--scripture-repeats", type=int, default=3, help="how often each chapter occurs")
    args = parser.parse_args()
    rng = random.Random(args.seed)
    args.out.mkdir(parents=True, exist_ok=True)
    args.data.mkdir(parents=True, exist_ok=True)

    chapters, held_chapters = scripture()
    train = chapters * args.scripture_repeats
    for maker, share in ((story, 0.28), (question_document, 0.40), (function_document, 0.32)):
        size = 0
        while size < share * args.megabytes * 1e6:
            document = maker(rng)
            size += len(document)
            train.append(document)
    rng.shuffle(train)
    (args.out / "train.txt").write_text(END.join(train) + END)

    rng = random.Random(args.seed + 1)  # the sets do not change with the size of the training text
    sets = {"multiple_choice": multiple_choice(rng, 400), "cloze": cloze(rng, 400), "functions": functions(rng, 160)}
    for name, items in sets.items():
        (args.data / f"{name}.jsonl").write_text("".join(json.dumps(i) + "\n" for i in items))
    documents = held_out_text(rng, held_chapters)
    (args.data / "heldout.txt").write_text(END.join(documents) + END)

    texts = {"heldout (scripture)": held_chapters, "heldout (generated)": [d for d in documents if d not in held_chapters],
             "multiple_choice": [lay_out(i["context"], i["question"]) + " " + i["choices"][i["answer"]] for i in sets["multiple_choice"]],
             "cloze": [i["text"] for i in sets["cloze"]],
             "functions": [i["prompt"] + i["canonical_solution"] for i in sets["functions"]]}
    train_set = dict.fromkeys(train)  # ordered, without repeats
    report = {"training_documents": len(train), "training_bytes": sum(map(len, train)), "sets": overlap_report(train_set, texts)}
    (args.data / "overlap.json").write_text(json.dumps(report, indent=1) + "\n")
    print(json.dumps(report, indent=1))


if __name__ == "__main__":
    main()
