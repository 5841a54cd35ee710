#include "engine/skill/checker/check_state.h"

#include "engine/base/language.h"

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

QLatin1StringView kindName(SourceKind kind)
{
    switch (kind) {
    case SourceKind::Python: return QLatin1StringView("Python");
    case SourceKind::JavaScript: return QLatin1StringView("JavaScript");
    default: return QLatin1StringView("shell");
    }
}

std::optional<SourceKind> interpreterKind(QByteArrayView line)
{
    if (line.contains("python"))
        return SourceKind::Python;
    if (line.contains("node") || line.contains("deno") || line.contains("bun"))
        return SourceKind::JavaScript;
    if (line.contains("bash") || line.contains("/sh") || line.contains(" sh")
        || line.contains("zsh"))
        return SourceKind::Shell;
    return std::nullopt;
}

/// All line ends of the file as line feeds.
Fix unixLineEnds(QByteArrayView text)
{
    Fix fix{u"Save the file with Unix line ends"_s, FixSafety::Safe, {}, {}};
    for (qsizetype at = 0; (at = text.indexOf("\r\n", at)) >= 0; ++at)
        fix.edits += {at, 1, {}};
    return fix;
}

} // namespace

void checkScript(const CheckedFile &file, CheckState &state)
{
    const QByteArrayView text(file.text.raw());
    const bool isScript = languageOfScript(file.path) || file.path.startsWith(u"scripts/");
    if (!isScript || !text.startsWith("#!") || file.text.kind() == SourceKind::Binary)
        return;
    const qsizetype feed = text.indexOf('\n');
    const qsizetype end = feed < 0 ? text.size() : feed;
    if (feed > 0 && text[feed - 1] == '\r') {
        state.add(Rule::CarriageReturnShebang, file, 0, feed - 1,
                  u"the #! line ends in a carriage return, which becomes part of the interpreter's "
                  "name"_s,
                  u"Save the script with Unix line ends."_s,
                  file.complete ? std::optional(unixLineEnds(text)) : std::nullopt);
    }
    const auto wanted = interpreterKind(text.first(end));
    if (file.isScript() && wanted && *wanted != file.text.kind()) {
        state.add(Rule::ShebangMismatch, file, 0, end,
                  u"the #! line starts %1, and the name says %2"_s.arg(kindName(*wanted),
                                                                       kindName(file.text.kind())));
    }
}

} // namespace skillbox
