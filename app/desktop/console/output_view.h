#pragma once

#include "app/desktop/console/json_tree_model.h"
#include "app/desktop/theme/theme.h"
#include "engine/base/json_text.h"

#include <QWidget>

class QStackedWidget;
class QToolButton;
class QTreeView;

namespace skillbox {

class CodeView;
class StateView;

/// A run's output: as a tree or as text.
class OutputView : public QWidget
{
    Q_OBJECT

public:
    explicit OutputView(QWidget *parent = nullptr);
    void show(const JsonText &output);
    /// No output: why.
    void showMessage(const QString &icon, const QString &title, const QString &text);
    void showLoading(const QString &what);
    bool isText() const;
    void setText(bool text);
    void applyTheme(const Theme &theme);

private:
    void fillText();
    void showMenu(const QPoint &at);

    StateView *m_state;
    QStackedWidget *m_views;
    QTreeView *m_tree;
    CodeView *m_text;
    QToolButton *m_asTree;
    QToolButton *m_asText;
    QToolButton *m_copy;
    JsonTreeModel m_model;
    JsonText m_output;
    bool m_textFilled = false;
};

} // namespace skillbox
