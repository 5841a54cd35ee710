#pragma once

#include <QLatin1StringView>
#include <QStringView>

#include <optional>

namespace skillbox {

/// The three languages a skill's scripts may be written in.
enum class Language { Python, Node, Bash };

/// `python`, `node`, `bash`: the value of `lang` in SKILL.md.
QLatin1StringView languageName(Language language);
std::optional<Language> languageFromName(QStringView name);

/// By extension: .py; .js, .mjs, .cjs; .sh, .bash.
std::optional<Language> languageOfScript(QStringView path);

} // namespace skillbox
