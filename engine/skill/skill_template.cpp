#include "engine/skill/skill_template.h"

#include "engine/base/ids.h"
#include "engine/skill/manifest.h"

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include <cerrno>
#include <cstdio>
#include <cstring>

using namespace Qt::StringLiterals;

/// The resources of a static library are linked in only where they are asked for; the macro must
/// stand outside of every namespace.
static void initTemplates()
{
    Q_INIT_RESOURCE(templates);
}

namespace skillbox {
namespace {

Result<QStringList> writeTemplate(const SkillTemplate &skill, const QString &directory)
{
    const QString root = u":/templates/%1/"_s.arg(languageName(skill.language));
    QStringList written;
    QDirIterator it(root, QDir::Files, QDirIterator::Subdirectories);
    while (it.hasNext()) {
        QFile source(it.next());
        const QString path = source.fileName().sliced(root.size());
        QFile target(QDir(directory).filePath(path));
        if (!source.open(QIODevice::ReadOnly))
            return fail(ErrorCode::Internal, u"the template file '%1' is not built in"_s.arg(path));
        QByteArray text = source.readAll().replace("{{name}}", skill.name.toUtf8());
        if (path == u"SKILL.md" && !skill.description.isEmpty()) {
            const Result<QByteArray> described = withManifestField(text, u"description"_s,
                                                                   skill.description);
            if (!described)
                return fail(described.error());
            text = *described;
        }
        if (!QDir().mkpath(QFileInfo(target).path()) || !target.open(QIODevice::WriteOnly)
            || target.write(text) != text.size() || !target.flush()) {
            return fail(ErrorCode::Io,
                        u"cannot write '%1': %2"_s.arg(target.fileName(), target.errorString()));
        }
        if (text.startsWith("#!"))
            target.setPermissions(target.permissions() | QFile::ExeOwner | QFile::ExeGroup
                                  | QFile::ExeOther);
        written.append(path);
    }
    if (written.isEmpty()) {
        return fail(ErrorCode::Internal,
                    u"there is no template for %1"_s.arg(languageName(skill.language)));
    }
    written.sort();
    return written;
}

} // namespace

Result<void> checkTemplateName(const QString &name)
{
    static const QRegularExpression valid(u"\\A[a-z0-9]+(-[a-z0-9]+)*\\z"_s);
    if (name.size() <= 64 && valid.match(name).hasMatch())
        return {};
    return fail(ErrorCode::BadRequest,
                u"'%1' cannot be a skill's name: use up to 64 of a-z, 0-9 and single hyphens "
                "between them, e.g. word-counter"_s.arg(name));
}

Result<QStringList> makeSkillFolder(const SkillTemplate &skill, const QString &target)
{
    initTemplates();
    if (const auto valid = checkTemplateName(skill.name); !valid)
        return fail(valid.error());
    const QFileInfo info(target);
    if (info.exists() && !info.isDir())
        return fail(ErrorCode::Io, u"'%1' is there already and is not a folder"_s.arg(target));
    if (info.isDir()
        && !QDir(target).isEmpty(QDir::AllEntries | QDir::Hidden | QDir::System
                                 | QDir::NoDotAndDotDot)) {
        return fail(ErrorCode::Io,
                    u"the folder '%1' is there already and is not empty; nothing was "
                    "changed"_s.arg(target));
    }
    // Made beside its place and renamed there: the folder appears whole or not at all.
    const QString parent = info.path();
    if (!QDir().mkpath(parent))
        return fail(ErrorCode::Io, u"cannot make the folder '%1'"_s.arg(parent));
    QDir scratch(QDir(parent).filePath(u".skillbox-new-"_s + newUuid()));
    if (!scratch.mkpath(u"."_s))
        return fail(ErrorCode::Io, u"cannot write in the folder '%1'"_s.arg(parent));
    Result<QStringList> files = writeTemplate(skill, scratch.path());
    // rename(2) also takes the place of an empty folder, which QDir::rename refuses.
    if (files
        && std::rename(QFile::encodeName(scratch.path()).constData(),
                       QFile::encodeName(target).constData())
            != 0) {
        files = fail(ErrorCode::Io,
                     u"cannot make the folder '%1': %2"_s.arg(
                         target, QString::fromLocal8Bit(std::strerror(errno))));
    }
    if (!files)
        scratch.removeRecursively();
    return files;
}

} // namespace skillbox
