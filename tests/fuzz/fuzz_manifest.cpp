// SKILL.md as bytes: whatever they are, every reader of them keeps its promises.

#include "tests/fuzz/require.h"

#include "engine/skill/manifest.h"
#include "engine/skill/manifest_reader.h"
#include "engine/skill/markdown_references.h"
#include "engine/skill/quantity.h"
#include "engine/skill/rules.h"
#include "engine/skill/semver.h"

#include <algorithm>

using namespace Qt::StringLiterals;
using namespace skillbox;

namespace {

bool isTerminalSafe(const QString &text)
{
    return std::none_of(text.cbegin(), text.cend(),
                        [](QChar c) { return c.category() == QChar::Other_Control; });
}

void checkFindings(const QList<Finding> &findings)
{
    for (const Finding &finding : findings) {
        const TextRange &range = finding.range;
        FUZZ_REQUIRE(!finding.message.isEmpty() && isTerminalSafe(toText(finding)));
        FUZZ_REQUIRE(isTerminalSafe(finding.hint));
        FUZZ_REQUIRE(range.line == 0 || (range.line > 0 && range.column > 0));
        FUZZ_REQUIRE(range.endLine > range.line
                     || (range.endLine == range.line && range.endColumn >= range.column));
    }
}

void checkManifest(QByteArrayView text)
{
    const ParsedManifest parsed = parseManifest(text);
    checkFindings(parsed.findings);
    checkFindings(findingsOf(readManifest(text).hits, LintProfile::AgentSkills));
    FUZZ_REQUIRE(parsed.manifest || hasErrors(parsed.findings));
    FUZZ_REQUIRE(requireManifest(text).has_value() == !hasErrors(parsed.findings));
    if (!parsed.manifest)
        return;
    const Manifest &manifest = *parsed.manifest;
    for (const auto &[key, bytes] : manifest.unknownKeys)
        FUZZ_REQUIRE(!bytes.isEmpty() && text.contains(bytes));
    FUZZ_REQUIRE(!hasErrors(parsed.findings) ? !manifest.name.isEmpty() : true);
    FUZZ_REQUIRE(!manifest.entrypoint.startsWith(u'/'));
    FUZZ_REQUIRE(!manifest.entrypoint.split(u'/').contains(u".."_s));
}

/// An edit changes one field and no other byte, and can be undone by another edit.
void checkEdit(QByteArrayView text, const QString &key, const QString &value)
{
    const auto changed = withManifestField(text, key, value);
    if (!changed)
        return;
    // What changed is one stretch of bytes.
    qsizetype prefix = 0;
    const qsizetype shorter = std::min(text.size(), changed->size());
    while (prefix < shorter && text[prefix] == changed->at(prefix))
        ++prefix;
    qsizetype suffix = 0;
    while (suffix < shorter - prefix
           && text[text.size() - 1 - suffix] == changed->at(changed->size() - 1 - suffix)) {
        ++suffix;
    }
    FUZZ_REQUIRE(changed->size() - prefix - suffix <= 8 * value.size() + key.size() + 80);

    const auto before = parseManifest(text).manifest;
    const auto after = parseManifest(*changed).manifest;
    FUZZ_REQUIRE(after.has_value());
    FUZZ_REQUIRE(key != u"description" || after->description == value.trimmed());
    if (!before)
        return;
    FUZZ_REQUIRE(before->instructions == after->instructions);
    FUZZ_REQUIRE(before->metadata == after->metadata);
    FUZZ_REQUIRE(before->allowedTools == after->allowedTools);
    FUZZ_REQUIRE(key == u"name" || before->name == after->name);
    FUZZ_REQUIRE(key == u"description" || before->description == after->description);
    FUZZ_REQUIRE(before->unknownKeys.size() == after->unknownKeys.size());

    const auto again = withManifestField(*changed, key, value);
    FUZZ_REQUIRE(again && *again == *changed);
}

void checkValues(const QString &text)
{
    if (const auto version = SemVer::parse(text)) {
        FUZZ_REQUIRE(version->toString() == text);
        FUZZ_REQUIRE((*version <=> *version) == 0);
    }
    if (const auto duration = parseDuration(text)) {
        FUZZ_REQUIRE(duration->count() > 0);
        FUZZ_REQUIRE(parseDuration(formatDuration(*duration)) == *duration);
    }
    if (const auto bytes = parseBytes(text)) {
        FUZZ_REQUIRE(*bytes > 0);
        FUZZ_REQUIRE(parseBytes(formatBytes(*bytes)) == *bytes);
    }
    if (const auto milliCpu = parseMilliCpu(text)) {
        FUZZ_REQUIRE(*milliCpu > 0);
        FUZZ_REQUIRE(parseMilliCpu(formatMilliCpu(*milliCpu)) == *milliCpu);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const QByteArrayView text(data, static_cast<qsizetype>(size));
    checkManifest(text);
    checkEdit(text, u"version"_s, u"1.2.3"_s);
    checkEdit(text, u"name"_s, u"new-name"_s);
    checkEdit(text, u"description"_s, u"a: b # c\n\"d\" 'e' \\ é"_s);
    for (const MarkdownReference &reference : markdownReferences(text)) {
        FUZZ_REQUIRE(!reference.path.isEmpty() && !reference.path.startsWith(u'/'));
        FUZZ_REQUIRE(reference.start >= 0 && reference.start <= reference.end);
        FUZZ_REQUIRE(reference.end <= text.size());
    }
    if (size < 64)
        checkValues(QString::fromUtf8(text));
    return 0;
}
