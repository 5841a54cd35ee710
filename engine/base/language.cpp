#include "engine/base/language.h"

namespace skillbox {

QLatin1StringView languageName(Language language)
{
    switch (language) {
    case Language::Python: return QLatin1StringView("python");
    case Language::Node: return QLatin1StringView("node");
    case Language::Bash: break;
    }
    return QLatin1StringView("bash");
}

std::optional<Language> languageFromName(QStringView name)
{
    for (Language language : {Language::Python, Language::Node, Language::Bash}) {
        if (name == languageName(language))
            return language;
    }
    return std::nullopt;
}

std::optional<Language> languageOfScript(QStringView path)
{
    const auto hasExtension = [path](const char *extension) {
        return path.endsWith(QLatin1StringView(extension));
    };
    if (hasExtension(".py"))
        return Language::Python;
    if (hasExtension(".js") || hasExtension(".mjs") || hasExtension(".cjs"))
        return Language::Node;
    if (hasExtension(".sh") || hasExtension(".bash"))
        return Language::Bash;
    return std::nullopt;
}

} // namespace skillbox
