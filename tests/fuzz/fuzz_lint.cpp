// A file of a skill as bytes, under each name that makes the checker look at it in another way. The
// first byte picks the name.

#include "tests/fuzz/require.h"

#include "engine/skill/checker/baseline.h"
#include "engine/skill/checker/check_state.h"
#include "engine/skill/checker/decoded_text.h"
#include "engine/skill/checker/dialect.h"
#include "engine/skill/checker/fixes.h"
#include "engine/skill/checker/suppressions.h"
#include "engine/skill/manifest_reader.h"
#include "engine/skill/test_case.h"

#include <algorithm>
#include <array>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

constexpr std::array<const char *, 12> names{"SKILL.md",
                                             "scripts/main.py",
                                             "main.js",
                                             "main.sh",
                                             "package.json",
                                             "requirements.txt",
                                             "schemas/input.json",
                                             "tests/case.json",
                                             "assets/a.png",
                                             "references/a.md",
                                             "setup.py",
                                             "data.zip"};

void checkHits(const QList<RuleHit> &hits, const QByteArray &text)
{
    for (const RuleHit &hit : hits) {
        FUZZ_REQUIRE(!hit.message.isEmpty());
        FUZZ_REQUIRE(std::none_of(hit.message.cbegin(), hit.message.cend(),
                                  [](QChar c) { return c.category() == QChar::Other_Control; }));
        FUZZ_REQUIRE(hit.range.line >= 0 && hit.range.endLine >= hit.range.line);
        FUZZ_REQUIRE(hit.range.endLine <= text.count('\n') + 1);
        if (!hit.fix)
            continue;
        for (const TextEdit &edit : hit.fix->edits) {
            FUZZ_REQUIRE(edit.start >= 0 && edit.length >= 0);
            FUZZ_REQUIRE(edit.start + edit.length <= text.size());
        }
        (void)withEdits(text, hit.fix->edits);
    }
}

void checkFile(const QString &path, const QByteArray &bytes)
{
    CheckState state(nullptr, {path});
    const CheckedFile file{.path = path,
                         .size = bytes.size(),
                         .isManifest = path == u"SKILL.md",
                         .text = SourceText(bytes, sourceKindOf(path, bytes))};
    FUZZ_REQUIRE(file.text.code().size() == bytes.size());
    FUZZ_REQUIRE(file.text.bare().size() == bytes.size());
    FUZZ_REQUIRE(file.text.prose().size() == bytes.size());
    FUZZ_REQUIRE(file.text.code().count('\n') == bytes.count('\n'));
    checkPackaging(file, state);
    checkScript(file, state);
    checkJsonFiles(file, state);
    checkDependencies(file, state);
    checkPatterns(file, state);
    checkSecrets(file, state);
    checkEncodedText(file, state);
    checkCharacters(file, state);
    checkMarkdown(file, state);
    for (const Suppression &suppression : suppressionsIn(file))
        FUZZ_REQUIRE(suppression.line > 0 && suppression.nextLine > suppression.line);
    checkHits(state.hits, bytes);
}

void checkParsers(const QByteArray &bytes)
{
    for (const EncodedRun &run : encodedRuns(bytes)) {
        FUZZ_REQUIRE(run.start >= 0 && run.start < run.end && run.end <= bytes.size());
        (void)inflated(decoded(run));
    }
    if (const auto testCase = parseTestCase(bytes)) {
        TestObservation observed;
        observed.output = testCase->input;
        observed.fileContent = [](const QString &) { return QByteArray(); };
        (void)testProblems(*testCase, observed);
    }
    if (const auto baseline = Baseline::parse(bytes))
        FUZZ_REQUIRE(Baseline::parse(baseline->toJson()).has_value());
    for (const Dialect dialect : {Dialect::Specification, Dialect::Runtime}) {
        const auto converted = convertDialect(bytes, dialect);
        if (!converted)
            continue;
        const auto again = convertDialect(*converted, dialect);
        FUZZ_REQUIRE(again && *again == *converted);
    }
    (void)lintText(bytes);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const QByteArray bytes(reinterpret_cast<const char *>(data + 1),
                           static_cast<qsizetype>(size - 1));
    checkFile(QString::fromLatin1(names[data[0] % names.size()]), bytes);
    checkParsers(bytes);
    return 0;
}
