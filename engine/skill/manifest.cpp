#include "engine/skill/manifest.h"

#include "engine/skill/manifest_reader.h"

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {

QLatin1StringView skillModeName(SkillMode mode)
{
    return mode == SkillMode::Executable ? QLatin1StringView("executable")
                                         : QLatin1StringView("cognitive");
}

ParsedManifest parseManifest(QByteArrayView text)
{
    ManifestReading reading = readManifest(text);
    return {std::move(reading.manifest), findingsOf(reading.hits, LintProfile::Skillbox)};
}

Result<Manifest> requireManifest(QByteArrayView text)
{
    ParsedManifest parsed = parseManifest(text);
    const auto error = std::find_if(parsed.findings.cbegin(), parsed.findings.cend(),
                                    [](const Finding &finding) {
                                        return finding.severity == Severity::Error;
                                    });
    if (error != parsed.findings.cend())
        return fail(ErrorCode::InvalidSkill, toText(*error), error->hint);
    return std::move(*parsed.manifest);
}

} // namespace skillbox
