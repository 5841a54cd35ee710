#pragma once

#include "engine/skill/lint_profile.h"
#include "tests/support/skill_bundle.h"

#include <QMap>

namespace skillbox::test {

struct RuleSample {
    SkillBundle bundle;
    LintProfile profile = LintProfile::Skillbox;
};

/// The samples of a file of tests/corpus/rules by their names, which begin with `bad` or `good`.
/// One without a SKILL.md gets an ordinary one, unless its line says `complete`.
inline QMap<QString, RuleSample> ruleSamples(const QByteArray &text)
{
    const QByteArray ordinaryManifest =
        "---\nname: word-counter\ndescription: Counts words. Use it when somebody asks how long a "
        "text is.\n---\n\nCount the words.\n";
    QMap<QString, RuleSample> samples;
    const QByteArray marker("\n@@@ ");
    const QByteArray all = '\n' + text;
    for (qsizetype at = all.indexOf(marker); at >= 0;) {
        const qsizetype next = all.indexOf(marker, at + 1);
        const QByteArray part = all.sliced(at + marker.size(),
                                           (next < 0 ? all.size() : next + 1) - at - marker.size());
        at = next;
        const qsizetype feed = part.indexOf('\n');
        const QList<QByteArray> words = part.first(feed).simplified().split(' ');
        RuleSample sample;
        sample.bundle = parseBundle(part.sliced(feed + 1));
        if (words.contains("agentskills"))
            sample.profile = LintProfile::AgentSkills;
        const bool complete = words.contains("complete");
        if (!sample.bundle.hasFile(QStringLiteral("SKILL.md")) && !complete)
            sample.bundle.parts += {QStringLiteral("SKILL.md"), ordinaryManifest, {}, false};
        samples.insert(QString::fromUtf8(words.constFirst()), sample);
    }
    return samples;
}

} // namespace skillbox::test
