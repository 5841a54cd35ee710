#pragma once

#include "engine/skill/checker/source_text.h"
#include "engine/skill/rules.h"

#include <functional>
#include <memory>
#include <span>

namespace skillbox {

/// Which view of a text a pattern is looked for in; see SourceText.
enum class TextView { Raw, Lower, Code, Bare, Prose };

/// How far around a needle the expression is tried.
enum class PatternScope {
    Line,  ///< its line, at most some hundred bytes to each side
    Lines, ///< some hundred bytes before and behind it
};

/// Something to look for. All views but Raw are in lower case, and so must be what is looked for in
/// them.
struct Pattern {
    Rule rule;
    SourceKinds kinds;
    TextView view;
    const char *needles;    ///< texts separated by `|`; where none of them is, nothing is tried
    const char *expression; ///< RE2 syntax; group 1 is the place if there is one, else all of it
    const char *message;    ///< `%1` becomes what was found, quoted
    PatternScope scope = PatternScope::Line;
};

struct PatternMatch {
    const Pattern *pattern = nullptr;
    qsizetype start = 0; ///< bytes
    qsizetype end = 0;
    QString message;
};

/// Patterns ready to be searched for. Time is linear in the text whatever it holds: needles are
/// found by memory search and only their surroundings are shown to RE2, at most a few times each.
/// Immutable, so threads may share one.
class PatternSet
{
public:
    explicit PatternSet(std::span<const Pattern> patterns);
    ~PatternSet();
    PatternSet(const PatternSet &) = delete;
    PatternSet &operator=(const PatternSet &) = delete;

    using Found = std::function<void(const PatternMatch &)>;
    /// Tells `found` each match, at most one per pattern and line and `maxPerPattern` in all.
    void search(const SourceText &text, const Found &found) const;

    /// Whether a text of unknown kind matches any pattern of a rule that is an error; the first
    /// such rule.
    std::optional<Rule> firstDanger(const QByteArray &lowerText, const QByteArray &rawText) const;

    static constexpr int maxPerPattern = 20;

    /// What is wrong with a table, a line each: an expression that RE2 refuses, a needle that its
    /// view cannot hold. For tests; a wrong row finds nothing.
    static QStringList faults(std::span<const Pattern> patterns);

private:
    struct Compiled;
    std::vector<Compiled> m_patterns;
};

} // namespace skillbox
