#include "app/cli/install/install_lock.h"

#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QRegularExpression>
#include <QSaveFile>

using namespace Qt::StringLiterals;

namespace skillbox {
namespace {

constexpr qint64 maxLockBytes = 16 << 20;
constexpr int lockVersion = 1;

tl::unexpected<Error> badLock(const QString &path, const QString &why)
{
    return fail(ErrorCode::BadRequest,
                u"%1 cannot be used: %2. Delete it to begin anew; the skills stay where they are."_s
                    .arg(path, why));
}

Result<InstalledSkill> installedFromJson(const QString &name, const QJsonObject &object)
{
    static const QRegularExpression digest(u"\\Asha256:[0-9a-f]{64}\\z"_s);
    if (!isInstallName(name))
        return fail(ErrorCode::BadRequest, u"it names a skill \"%1\""_s.arg(name.left(100)));
    InstalledSkill skill{.name = name,
                         .version = object[u"version"].toString(),
                         .digest = object[u"digest"].toString(),
                         .source = {},
                         .installedAt = QDateTime::fromString(object[u"installed_at"].toString(),
                                                              Qt::ISODate),
                         .files = {}};
    if (!digest.match(skill.digest).hasMatch())
        return fail(ErrorCode::BadRequest, u"%1 has no digest"_s.arg(name));
    const auto source = installSourceFromJson(object[u"source"].toObject());
    if (!source)
        return fail(ErrorCode::BadRequest, u"%1: %2"_s.arg(name, source.error().message));
    skill.source = *source;
    const QJsonObject files = object[u"files"].toObject();
    for (auto it = files.begin(); it != files.end(); ++it)
        skill.files.insert(it.key(), it.value().toString());
    return skill;
}

} // namespace

QMap<QString, QString> InstalledSkill::filesOf(const SkillContent &content)
{
    QMap<QString, QString> files;
    for (const PackedFile &file : content.files)
        files.insert(file.path, file.sha256);
    return files;
}

bool isInstallName(const QString &name)
{
    static const QRegularExpression form(u"\\A[A-Za-z0-9][A-Za-z0-9._-]{0,127}\\z"_s);
    return form.match(name).hasMatch();
}

QString installLockName()
{
    return u".skillbox-lock.json"_s;
}

Result<InstallLock> InstallLock::read(const QString &folder)
{
    InstallLock lock(folder);
    QFile file(QDir(folder).filePath(installLockName()));
    if (!file.exists())
        return lock;
    if (!file.open(QIODevice::ReadOnly))
        return badLock(file.fileName(), file.errorString());
    const QByteArray bytes = file.read(maxLockBytes + 1);
    if (bytes.size() > maxLockBytes)
        return badLock(file.fileName(), u"it is too large"_s);
    QJsonParseError problem;
    const QJsonDocument document = QJsonDocument::fromJson(bytes, &problem);
    if (!document.isObject())
        return badLock(file.fileName(),
                       problem.error == QJsonParseError::NoError ? u"it is not an object"_s
                                                                 : problem.errorString());
    if (document[u"version"].toInt() != lockVersion)
        return badLock(file.fileName(), u"it is of another version of skillbox"_s);
    const QJsonObject skills = document[u"skills"].toObject();
    for (auto it = skills.begin(); it != skills.end(); ++it) {
        const auto skill = installedFromJson(it.key(), it.value().toObject());
        if (!skill)
            return badLock(file.fileName(), skill.error().message);
        lock.insert(*skill);
    }
    return lock;
}

Result<void> InstallLock::write() const
{
    QJsonObject skills;
    for (const InstalledSkill &skill : m_skills) {
        QJsonObject files;
        for (auto it = skill.files.cbegin(); it != skill.files.cend(); ++it)
            files.insert(it.key(), it.value());
        skills.insert(skill.name,
                      QJsonObject{{u"version"_s, skill.version},
                                  {u"digest"_s, skill.digest},
                                  {u"source"_s, toJson(skill.source)},
                                  {u"installed_at"_s,
                                   skill.installedAt.toUTC().toString(Qt::ISODate)},
                                  {u"files"_s, files}});
    }
    QSaveFile file(QDir(m_folder).filePath(installLockName()));
    const QByteArray bytes =
        QJsonDocument(QJsonObject{{u"version"_s, lockVersion}, {u"skills"_s, skills}}).toJson();
    if (!file.open(QIODevice::WriteOnly) || file.write(bytes) != bytes.size() || !file.commit())
        return fail(ErrorCode::Io,
                    u"cannot write '%1': %2"_s.arg(file.fileName(), file.errorString()));
    return {};
}

const InstalledSkill *InstallLock::find(const QString &name) const
{
    const auto found = m_skills.constFind(name);
    return found == m_skills.cend() ? nullptr : &*found;
}

} // namespace skillbox
