#pragma once

#include "app/desktop/session/skill_bin.h"
#include "app/desktop/session/skill_job.h"
#include "app/desktop/shell/page.h"

#include <QMenu>

namespace skillbox {

/// An exact version at a place.
struct ChosenSkill {
    QString source; ///< empty: this machine
    QString name;
    QString version;
};

/// What can be done with skills of the catalog, for one or for many: asks where that is right,
/// starts it, and says what came of it, with a way back where there is one. GUI thread.
class CatalogActions : public QObject
{
    Q_OBJECT

public:
    /// Dialogs are shown over `window`.
    CatalogActions(const Desk &desk, QWidget *window);

    void run(const ChosenSkill &skill);
    void edit(const ChosenSkill &skill);
    void import(const QStringList &paths);
    void chooseImport();
    void publish(const QList<ChosenSkill> &skills, const QString &server);
    void pull(const QList<ChosenSkill> &skills, const QString &server);
    /// Asks for the folder.
    void exportSkills(const QList<ChosenSkill> &skills);
    void exportSkills(const QList<ChosenSkill> &skills, const QString &folder);
    void setYanked(const QList<ChosenSkill> &skills, bool yanked);
    enum class Extent { Versions, WholeSkills };
    /// Asks first, and can be undone.
    void remove(const QList<ChosenSkill> &skills, Extent extent);
    void copyName(const ChosenSkill &skill);
    /// `name@version`, or with its digest: what says exactly which content is meant.
    void copyReference(const ChosenSkill &skill, const QString &digest = {});
    /// The named servers, and adding one.
    void fillServerMenu(QMenu &menu, const std::function<void(const QString &server)> &chosen);

Q_SIGNALS:
    void addServerRequested();

private:
    void removeNow(const QList<std::pair<QString, QString>> &versions);
    void restore(const QList<DeletedSkill> &deleted);
    void tellFailure(const QString &title, const Error &error);

    Desk m_desk;
    QWidget *m_window;
};

} // namespace skillbox
