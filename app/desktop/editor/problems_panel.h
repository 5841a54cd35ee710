#pragma once

#include "app/desktop/editor/problems_model.h"
#include "app/desktop/widgets/state_view.h"
#include "engine/skill/lint.h"

#include <QComboBox>
#include <QSortFilterProxyModel>
#include <QTreeView>

namespace skillbox {

/// The table of problems below the text. A click or Enter jumps to one.
class ProblemsPanel : public QWidget
{
    Q_OBJECT

public:
    explicit ProblemsPanel(QWidget *parent = nullptr);

    void setReport(const LintReport &report);
    void showNothing();
    const ProblemsModel &model() const { return m_model; }
    LintProfile profile() const;
    /// The next or previous one in the table, starting over at its end.
    void step(int direction);
    std::optional<Finding> current() const;
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void activated(const skillbox::Finding &finding);
    void fixWanted(const skillbox::Finding &finding);
    void suppressWanted(const skillbox::Finding &finding);
    void explainWanted(const skillbox::Finding &finding);
    void fixAllWanted();
    void profileChanged();

private:
    void openMenu(const QPoint &place);

    ProblemsModel m_model;
    QSortFilterProxyModel m_sorted;
    QTreeView *m_table;
    StateView *m_state;
    QComboBox *m_severity;
    QComboBox *m_profile;
    QPushButton *m_fixAll;
    QLabel *m_summary;
};

} // namespace skillbox
