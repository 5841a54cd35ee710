#pragma once

#include "app/desktop/session/skill_reader.h"
#include "app/desktop/shell/page.h"

#include <QLabel>
#include <QPushButton>
#include <QTreeWidget>

namespace skillbox {

class MarkdownView;
class StateView;

/// What the checker said of a version when it was published, each with why it matters and what to
/// do about it.
class SkillFindings : public QWidget
{
    Q_OBJECT

public:
    explicit SkillFindings(QWidget *parent = nullptr);
    void show(const SkillDescription &skill);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void fileRequested(const QString &path);
    void editRequested();

private:
    void explain();
    void drawIcons();

    StateView *m_state;
    QTreeWidget *m_list;
    MarkdownView *m_help;
    QPushButton *m_showFile;
    QPushButton *m_edit;
    QJsonArray m_findings;
    Theme m_theme;
};

} // namespace skillbox
