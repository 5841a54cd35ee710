#pragma once

#include "engine/skill/checker/pattern_search.h"

namespace skillbox {

// What the families look for, as data; each table is in the file of its name. A needle must be part
// of everything that its expression matches.

std::span<const Pattern> securityPatterns();
std::span<const Pattern> networkPatterns();
std::span<const Pattern> privacyPatterns();
std::span<const Pattern> obfuscationPatterns();
std::span<const Pattern> injectionPatterns();
std::span<const Pattern> secretPatterns();
std::span<const Pattern> habitPatterns(); ///< SCR, DEP, REF: not dangerous, worth a word

// Kinds, short for the tables.
inline constexpr SourceKinds kindPython = static_cast<unsigned>(SourceKind::Python);
inline constexpr SourceKinds kindJs = static_cast<unsigned>(SourceKind::JavaScript);
inline constexpr SourceKinds kindShell = static_cast<unsigned>(SourceKind::Shell);
inline constexpr SourceKinds kindMarkdown = static_cast<unsigned>(SourceKind::Markdown);
inline constexpr SourceKinds kindJson = static_cast<unsigned>(SourceKind::Json);
inline constexpr SourceKinds kindText = static_cast<unsigned>(SourceKind::Text);
/// Scripts, and the commands in Markdown.
inline constexpr SourceKinds kindCode = scriptKinds | kindMarkdown;
inline constexpr SourceKinds kindAnyText = kindCode | kindJson | kindText;

} // namespace skillbox
