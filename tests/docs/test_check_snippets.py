"""The snippet check itself."""
import os
import tempfile
import unittest

import check_snippets

PROGRAM = "int main() {\n    // [load]\n    int x = 1;\n\n    return x;\n    // [/load]\n}\n"
SCRIPT = "import sys\n\n# [f]\ndef f():\n    return 1\n# [/f]\n\nsys.exit(f())\n"


class Snippets(unittest.TestCase):
    def problems(self, readme):
        with tempfile.TemporaryDirectory(prefix="qeval docs ") as root:
            os.makedirs(os.path.join(root, "examples"))
            for name, text in (("README.md", readme), ("examples/x.cpp", PROGRAM), ("examples/x.py", SCRIPT)):
                with open(os.path.join(root, name), "w", encoding="utf-8") as out:
                    out.write(text)
            return "\n".join(check_snippets.check(root)[0])

    def test_an_equal_block_passes_whatever_its_indentation(self):
        self.assertEqual(self.problems("<!-- from: examples/x.cpp begin load -->\n```cpp\nint x = 1;\n\nreturn x;\n```\n"), "")
        whole = "int main() {\n    int x = 1;\n\n    return x;\n}"
        self.assertEqual(self.problems(f"<!-- from: examples/x.cpp -->\n\n```cpp\n{whole}\n```\n"), "")

    def test_python_has_tags_of_its_own(self):
        block = "<!-- from: examples/x.py begin f -->\n```python\ndef f():\n    return %d\n```\n"
        self.assertEqual(self.problems(block % 1), "")
        self.assertIn("differs", self.problems(block % 2))

    def test_a_block_that_differs_is_caught(self):
        self.assertIn("differs", self.problems("<!-- from: examples/x.cpp begin load -->\n```cpp\nint x = 2;\n```\n"))

    def test_a_block_without_origin_is_caught(self):
        self.assertIn("without", self.problems("words\n```cpp\nint x;\n```\n"))
        self.assertIn("without", self.problems("words\n```python\nx = 1\n```\n"))
        self.assertIn("without", self.problems("words\n```console\n$ ls\n```\n"))

    def test_a_missing_file_or_tag_is_caught(self):
        self.assertIn("does not exist", self.problems("<!-- from: examples/y.cpp -->\n```cpp\n```\n"))
        self.assertIn("has no", self.problems("<!-- from: examples/x.cpp begin no -->\n```cpp\n```\n"))

    def test_named_output_and_commands_pass(self):
        self.assertEqual(self.problems("<!-- output of: qeval formats -->\n```console\nq4_0\n```\n```sh\nls\n```\n"), "")


if __name__ == "__main__":
    unittest.main()
