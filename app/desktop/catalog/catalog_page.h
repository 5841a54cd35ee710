#pragma once

#include "app/desktop/catalog/catalog_model.h"
#include "app/desktop/catalog/job_dialog.h"
#include "app/desktop/catalog/skill_view.h"
#include "app/desktop/shell/page.h"

#include <QComboBox>
#include <QLineEdit>
#include <QListView>
#include <QPointer>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QTimer>

namespace skillbox {

class CatalogCardDelegate;
class CatalogCellDelegate;
class ChosenBar;
class FacetPanel;
class JobBar;
class StateView;

/// The skills of this machine and of the named servers in one list that narrows while one types, and
/// the chosen one in detail.
class CatalogPage : public Page
{
    Q_OBJECT

public:
    explicit CatalogPage(const Desk &desk);
    void activate() override;
    void applyTheme(const Theme &theme) override;
    QList<PaletteEntry> paletteEntries() override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    /// An empty version: the newest.
    void select(const QString &name, const QString &version = {});
    CatalogModel &model() { return m_model; }

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;
    void resizeEvent(QResizeEvent *event) override;

private:
    QWidget *makeHead();
    QWidget *makeList();
    void connectParts();
    void addCommands();
    void connectSession();

    void takeEntries();
    void typed();
    void filter();
    /// The rows are others: what was chosen is chosen again as far as it is there.
    void rowsChanged(const QStringList &chosen, const QString &current);
    void showStanding();
    QStringList chosenNames() const;
    QString currentName() const;
    QList<ChosenSkill> chosenSkills(const QString &source) const;
    QList<const CatalogEntry *> chosenEntries() const;
    void selectionChanged();
    void currentChanged();
    QAbstractItemView *currentView() const;
    void setCards(bool cards);
    void fitColumns();
    void fitCards();
    void showDetails(bool shown);
    void showContextMenu(const QPoint &globalPosition);
    void removeChosen();
    void showServerMenu(const QString &name, const QPoint &globalPosition);
    void editServer(const QString &name);
    void jobStarted(SkillJob *job);
    void jobFinished(SkillJob *job);
    void showJob(SkillJob *job);

    Desk m_desk;
    CatalogActions m_actions;
    CatalogModel m_model;
    QItemSelectionModel m_selection;
    QLineEdit *m_search;
    QComboBox *m_sort;
    QToolButton *m_facetsButton;
    QToolButton *m_tableButton;
    QToolButton *m_cardsButton;
    QToolButton *m_detailsButton;
    FacetPanel *m_facets;
    QTableView *m_table;
    QListView *m_cards;
    QStackedWidget *m_views;
    CatalogCellDelegate *m_cells;
    CatalogCardDelegate *m_card;
    ChosenBar *m_chosenBar;
    JobBar *m_jobBar;
    QLabel *m_standing;
    QSplitter *m_splitter;
    StateView *m_state;
    SkillView *m_view;
    QPointer<JobDialog> m_jobDialog;
    QTimer m_searchDelay;
    QString m_typed;
    QString m_wanted; ///< to select when it comes
    QString m_wantedVersion;
    Theme m_theme;
    int m_question = 0;
    bool m_restoring = false;
};

} // namespace skillbox
