#include "app/cli/skill_source.h"

#include "app/cli/text.h"

#include <QDir>
#include <QFileInfo>

using namespace Qt::StringLiterals;

namespace skillbox {

Result<SkillSource> chooseSkillSource(CliContext &context, const QString &text,
                                      const QString &version)
{
    const QFileInfo info(text);
    if (text.contains(u'/') || text == u"." || text == u"..") {
        if (!info.exists())
            return fail(ErrorCode::NotFound, u"there is no folder '%1'"_s.arg(text));
        if (!info.isDir()) {
            return fail(ErrorCode::BadRequest,
                        u"'%1' is not a folder; run takes a skill's folder or the name of a "
                        "published skill"_s.arg(text));
        }
        return SkillSource{{}, info.absoluteFilePath()};
    }
    if (!info.isDir() || !version.isEmpty())
        return SkillSource{text, {}};

    const Result<Backend *> backend = context.backend();
    if (!backend)
        return fail(backend.error());
    // Asked for the list, not for the latest: that none of a skill's versions may be used is no
    // reason to run something else.
    const Result<QList<SkillVersionRecord>> published = (*backend)->skills(
        {.name = text, .limit = 1, .columns = SkillColumns::WithoutTexts});
    if (!published && published.error().code != ErrorCode::BadRequest) // else no name of a skill
        return fail(published.error());
    if (!published || published->isEmpty())
        return SkillSource{{}, info.absoluteFilePath()};
    context.note(
        u"running the published skill %1; for the folder of that name write ./%1"_s.arg(text));
    return SkillSource{text, {}};
}

Error withSimilarSkills(Backend &backend, Error error, const QString &name)
{
    if (error.code != ErrorCode::NotFound)
        return error;
    const Result<QList<SkillVersionRecord>> rows = backend.skills({});
    if (!rows)
        return error;
    QStringList names;
    for (const SkillVersionRecord &row : *rows) {
        if (!names.contains(row.name))
            names.append(row.name);
    }
    if (names.contains(name))
        return error;
    const QString similar = closestMatch(name, names);
    if (!similar.isEmpty())
        error.message += u"\ndid you mean %1?"_s.arg(similar);
    else if (names.isEmpty())
        error.message += u"\nno skill is published yet: skillbox skill push DIR publishes one"_s;
    else
        error.message += u"\nskillbox skill list shows what is published"_s;
    return error;
}

} // namespace skillbox
