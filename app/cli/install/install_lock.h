#pragma once

#include "app/cli/install/install_source.h"
#include "engine/skill/archive.h"

#include <QDateTime>
#include <QMap>

namespace skillbox {

/// A skill that was installed into an agent's folder.
struct InstalledSkill {
    QString name; ///< and of its folder
    QString version;
    QString digest; ///< of its content, see digest.h
    InstallSource source;
    QDateTime installedAt;
    QMap<QString, QString> files; ///< path to SHA-256, to say what was changed

    static QMap<QString, QString> filesOf(const SkillContent &content);
};

/// What is installed in one folder: `.skillbox-lock.json` there. Anybody may have written it, so
/// nothing in it is trusted but as a text: names cannot leave the folder, sources are only fetched
/// by the rules for those that a person types.
class InstallLock
{
public:
    /// Empty where there is none. BadRequest for one that cannot be used.
    static Result<InstallLock> read(const QString &folder);
    Result<void> write() const;

    const QMap<QString, InstalledSkill> &skills() const { return m_skills; }
    const InstalledSkill *find(const QString &name) const;
    void insert(const InstalledSkill &skill) { m_skills.insert(skill.name, skill); }
    void remove(const QString &name) { m_skills.remove(name); }

private:
    explicit InstallLock(QString folder) : m_folder(std::move(folder)) { }

    QString m_folder;
    QMap<QString, InstalledSkill> m_skills;
};

/// Whether a skill of this name can have a folder of its own: letters, digits, `.`, `_`, `-`, and
/// not hidden.
bool isInstallName(const QString &name);

/// `.skillbox-lock.json`.
QString installLockName();

} // namespace skillbox
