#pragma once

#include "app/desktop/shell/page.h"

#include <QCheckBox>
#include <QComboBox>
#include <QFontComboBox>
#include <QLabel>
#include <QListWidget>
#include <QPushButton>
#include <QSpinBox>
#include <QStackedWidget>

namespace skillbox {

/// What a person may choose, in sections; everything takes effect at once, or says when.
class SettingsPage : public Page
{
    Q_OBJECT

public:
    explicit SettingsPage(const Desk &desk);
    void activate() override;
    void applyTheme(const Theme &theme) override;
    QJsonObject saveState() const override;
    void restoreState(const QJsonObject &state) override;
    /// One more section, at the end. The page owns the widget.
    void addSection(const QString &title, const QString &explanation, QWidget *content);

private:
    QWidget *buildAppearance();
    QWidget *buildEditor();
    QWidget *buildServer();
    QWidget *buildStorage();
    void showSettings();
    void showFont(const QFont &font);

    Desk m_desk;
    const int m_scaleNow; ///< what the program was started with
    QListWidget *m_sections;
    QStackedWidget *m_stack;
    QComboBox *m_theme;
    QComboBox *m_scale;
    QLabel *m_scaleNote;
    QPushButton *m_restart;
    QFontComboBox *m_font;
    QSpinBox *m_fontSize;
    QLabel *m_sample;
    QCheckBox *m_server;
    QSpinBox *m_port;
    QLabel *m_serverNote;
    QLabel *m_folder;
};

} // namespace skillbox
