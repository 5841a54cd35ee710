#pragma once

#include "app/desktop/catalog/catalog_delegate.h"
#include "app/desktop/catalog/catalog_model.h"
#include "app/desktop/catalog/skill_view.h"
#include "app/desktop/shell/page.h"
#include "app/desktop/widgets/state_view.h"

#include <QLineEdit>
#include <QListView>
#include <QSplitter>
#include <QTimer>

namespace skillbox {

/// The skills of this machine: a list that narrows while one types, and the chosen one in detail.
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
    void select(const QString &name);

protected:
    void dragEnterEvent(QDragEnterEvent *event) override;
    void dropEvent(QDropEvent *event) override;

private:
    void reload();
    void showSkills(const Result<QList<SkillVersionRecord>> &skills);
    void import(const QString &path);
    void chooseImport();

    Desk m_desk;
    QLineEdit *m_search;
    QListView *m_list;
    QSplitter *m_splitter;
    StateView *m_state;
    SkillView *m_view;
    CatalogModel m_model;
    CatalogDelegate *m_delegate;
    QTimer m_searchDelay;
    QString m_wanted; ///< to select when the list comes
    int m_question = 0;
    bool m_loaded = false;
};

} // namespace skillbox
