"""The tests that are written in the SDKs' own languages, and what their tools say about the
sources. sdk_driver.py says how it is started."""

import os
import re
import unittest

import sdk_driver


class Go(unittest.TestCase):
    def setUp(self):
        self.folder = os.path.join(sdk_driver.project, "sdk/go")
        self.env = sdk_driver.go_environment()

    def test_vet_and_gofmt_have_nothing_to_say(self):
        sdk_driver.check_call(["go", "vet", "./..."], cwd=self.folder, env=self.env)
        self.assertEqual(sdk_driver.check_call(["gofmt", "-l", self.folder, sdk_driver.HERE]), "")

    def test_needs_the_standard_library_only(self):
        with open(os.path.join(self.folder, "go.mod")) as file:
            self.assertNotIn("require", file.read())
        self.assertFalse(os.path.exists(os.path.join(self.folder, "go.sum")))

    def test_own_tests(self):
        said = sdk_driver.check_call(["go", "test", "-count=1", "-v", "."], cwd=self.folder,
                                     env=self.env)
        self.assertGreater(said.count("--- PASS"), 5, said)


class Typescript(unittest.TestCase):
    def test_own_tests(self):
        compiled = sdk_driver.compiled_typescript()
        said = sdk_driver.check_call(
            ["node", "--test", os.path.join(sdk_driver.HERE, "typescript/skillbox.test.mjs")],
            env=dict(os.environ, SKILLBOX_JS=os.path.join(compiled, "skillbox.js")))
        self.assertGreater(int(re.search(r"^. pass (\d+)", said, re.MULTILINE)[1]), 0, said)

    def test_the_types_are_those_of_the_api(self):
        """A program that uses them right compiles, and one that does not, does not."""
        compiled = sdk_driver.compiled_typescript()
        use = os.path.join(compiled, "use.ts")
        right = ('import { Client, APIError, type Execution } from "./skillbox.js";\n'
                 'const client = new Client("http://x", { apiKey: "a" });\n'
                 'const run: Execution = await client.run("a", { b: 1 }, { session_id: "s" });\n'
                 'const words: number = run.output.words;\n'
                 'for await (const event of client.stream(run.execution_id)) void event.type;\n'
                 'export const n = words + (await client.listSkills({ latest: true })).length;\n'
                 'export const isOurs = (e: unknown) => e instanceof APIError && e.statusCode;\n')
        command = ["tsc", "--noEmit", "--strict", "--target", "ES2022", "--module", "ES2022",
                   "--moduleResolution", "node", "--lib", "ES2022,DOM", use]
        with open(use, "w") as file:
            file.write(right)
        sdk_driver.check_call(command)
        with open(use, "w") as file:
            file.write(right.replace("session_id", "sesion_id"))
        with self.assertRaisesRegex(AssertionError, "sesion_id"):
            sdk_driver.check_call(command)


def load_tests(loader, tests, pattern):
    return loader.loadTestsFromTestCase({"go": Go, "typescript": Typescript}[sdk_driver.language])


if __name__ == "__main__":
    sdk_driver.main()
