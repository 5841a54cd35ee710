#pragma once

#include "app/desktop/theme/theme.h"

#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QStackedWidget>

namespace skillbox {

/// Shows a page's content, or instead of it that it loads, that there is nothing, or what went
/// wrong, each with a way on.
class StateView : public QStackedWidget
{
    Q_OBJECT

public:
    explicit StateView(QWidget *content, QWidget *parent = nullptr);

    void showContent();
    void showLoading(const QString &what);
    /// `icon` is a name in resources/icons; no button without `actionTitle`.
    void showMessage(const QString &icon, const QString &title, const QString &text,
                     const QString &actionTitle = {}, std::function<void()> action = {});
    void applyTheme(const Theme &theme);

private:
    void drawIcon();

    QWidget *m_content;
    QWidget *m_loading;
    QLabel *m_loadingText;
    QWidget *m_message;
    QLabel *m_icon;
    QLabel *m_title;
    QLabel *m_text;
    QPushButton *m_button;
    std::function<void()> m_action;
    QString m_iconName;
    Theme m_theme;
};

} // namespace skillbox
