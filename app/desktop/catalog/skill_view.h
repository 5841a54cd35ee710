#pragma once

#include "app/desktop/shell/page.h"
#include "app/desktop/session/skill_catalog.h"
#include "app/desktop/widgets/state_view.h"

#include <QPlainTextEdit>
#include <QTableWidget>
#include <QTextBrowser>
#include <QTreeWidget>

namespace skillbox {

/// One published skill: what it is, its instructions, files and versions.
class SkillView : public QWidget
{
    Q_OBJECT

public:
    explicit SkillView(const Desk &desk, QWidget *parent = nullptr);
    void show(const QString &name, const QString &version);
    void showNothing();
    void applyTheme(const Theme &theme);

private:
    void fill(const SkillDetails &details);
    void showFile(const QString &path);

    Desk m_desk;
    StateView *m_state;
    QLabel *m_name;
    QLabel *m_version;
    QLabel *m_language;
    QLabel *m_status;
    QLabel *m_description;
    QTextBrowser *m_instructions;
    QTreeWidget *m_files;
    QPlainTextEdit *m_source;
    QTableWidget *m_versions;
    SkillDetails m_details;
    int m_question = 0;
};

} // namespace skillbox
