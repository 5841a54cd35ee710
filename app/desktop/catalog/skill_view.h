#pragma once

#include "app/desktop/catalog/catalog_actions.h"
#include "app/desktop/session/catalog_entry.h"
#include "app/desktop/session/skill_reader.h"

#include <QButtonGroup>
#include <QHBoxLayout>
#include <QLabel>
#include <QTabWidget>
#include <QToolButton>

namespace skillbox {

class SkillFiles;
class SkillFindings;
class SkillOverview;
class SkillRuns;
class SkillVersions;
class StateView;

/// One skill in detail, at one of the places where it is: what it is, its files, versions, findings
/// and runs, and what can be done with it.
class SkillView : public QWidget
{
    Q_OBJECT

public:
    SkillView(const Desk &desk, CatalogActions &actions, QWidget *parent = nullptr);
    /// The newest version of its first place; the same as is shown: stays at its place.
    void show(const CatalogEntry &entry);
    void showVersion(const CatalogEntry &entry, const QString &source, const QString &version);
    void showNothing();
    /// Asks again, after something changed.
    void refresh();
    void showTab(int index) { m_tabs->setCurrentIndex(index); }
    const SkillAddress &address() const { return m_address; }
    void applyTheme(const Theme &theme);

    enum Tab { Overview, Files, Versions, Findings, Runs };

private:
    void load(const SkillAddress &address);
    void fill(const SkillDescription &skill);
    void fillPlaces();
    void fillMenu();
    ChosenSkill chosen() const;

    Desk m_desk;
    CatalogActions &m_actions;
    StateView *m_state;
    QLabel *m_name;
    QLabel *m_version;
    QLabel *m_language;
    QLabel *m_status;
    QLabel *m_description;
    QHBoxLayout *m_places;
    QWidget *m_placeLine;
    QButtonGroup m_placeButtons;
    QPushButton *m_run;
    QPushButton *m_edit;
    QPushButton *m_pull;
    QPushButton *m_publish;
    QMenu *m_publishMenu;
    QToolButton *m_more;
    QMenu *m_moreMenu;
    QTabWidget *m_tabs;
    SkillOverview *m_overview;
    SkillFiles *m_files;
    SkillVersions *m_versions;
    SkillFindings *m_findings;
    SkillRuns *m_runs;
    CatalogEntry m_entry;
    SkillAddress m_address; ///< what is asked for or shown
    SkillDescription m_skill;
    int m_question = 0;
};

} // namespace skillbox
