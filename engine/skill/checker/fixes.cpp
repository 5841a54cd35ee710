#include "engine/skill/checker/fixes.h"

#include "engine/skill/path_rules.h"

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QSaveFile>

#include <algorithm>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

/// A fix may make room for another; this many times at most.
constexpr int maxRounds = 10;

tl::unexpected<Error> cannotFix(const QString &path, const QString &why)
{
    return fail(ErrorCode::Io, u"cannot change %1: %2"_s.arg(quotedName(path), why));
}

Result<void> rewrite(const QString &path, const QList<TextEdit> &edits)
{
    // A link would have us write somewhere else; the checker has refused the folder then, but a
    // file can become one in between.
    if (QFileInfo(path).isSymLink())
        return cannotFix(path, u"it is a link"_s);
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return cannotFix(path, file.errorString());
    const QByteArray changed = withEdits(file.readAll(), edits);
    QSaveFile target(path); // keeps the mode of the file it replaces
    if (!target.open(QIODevice::WriteOnly) || target.write(changed) != changed.size()
        || !target.commit()) {
        return cannotFix(path, target.errorString());
    }
    return {};
}

} // namespace

QByteArray withEdits(QByteArrayView text, QList<TextEdit> edits)
{
    std::stable_sort(edits.begin(), edits.end(),
                     [](const TextEdit &a, const TextEdit &b) { return a.start < b.start; });
    QByteArray changed;
    qsizetype at = 0;
    for (const TextEdit &edit : std::as_const(edits)) {
        const bool isInside = edit.start >= at && edit.length >= 0 && edit.start <= text.size()
            && edit.length <= text.size() - edit.start;
        if (!isInside)
            continue;
        changed += text.sliced(at, edit.start - at);
        changed += edit.replacement;
        at = edit.start + edit.length;
    }
    changed += text.sliced(at);
    return changed;
}

Result<QList<AppliedFix>> applyFixes(const QString &directory, const LintOptions &options,
                                     FixSafety level)
{
    LintOptions plain = options;
    plain.parseScripts = {};
    QList<AppliedFix> applied;
    for (int round = 0; round < maxRounds; ++round) {
        const LintReport report = lintSkill(directory, plain);
        QMap<QString, QList<TextEdit>> edits;
        QMap<QString, QString> renames;
        for (const Finding &finding : report.findings) {
            if (!finding.fix
                || (finding.fix->safety == FixSafety::Unsafe && level == FixSafety::Safe))
                continue;
            applied += {finding.file, finding.id, finding.fix->title};
            edits[finding.file] += finding.fix->edits;
            if (!finding.fix->renameTo.isEmpty())
                renames.insert(finding.file, finding.fix->renameTo);
        }
        if (edits.isEmpty())
            return applied;
        for (auto it = edits.cbegin(); it != edits.cend(); ++it) {
            const QString path = directory + u'/' + it.key();
            if (!it->isEmpty()) {
                if (const auto done = rewrite(path, *it); !done)
                    return fail(done.error());
            }
            const QString name = renames.value(it.key());
            if (!name.isEmpty() && !QFile::rename(path, QFileInfo(path).dir().filePath(name)))
                return cannotFix(path, u"it cannot be renamed"_s);
        }
    }
    return applied;
}

} // namespace skillbox
