#pragma once

#include "app/desktop/session/skill_reader.h"
#include "app/desktop/shell/page.h"

#include <QTreeWidget>

namespace skillbox {

class DiffView;
class StateView;

/// Two versions of a skill, wherever they are: the files that differ, and what differs in them.
class SkillCompare : public QWidget
{
    Q_OBJECT

public:
    explicit SkillCompare(const Desk &desk, QWidget *parent = nullptr);
    void compare(const SkillAddress &left, const SkillAddress &right);
    void clear();
    void applyTheme(const Theme &theme);

private:
    void readSides(const SkillDescription &left, const SkillDescription &right);
    void fill(const QList<ComparedFile> &files);
    void showFile(const ComparedFile &file);
    void fail(const Error &error);

    Desk m_desk;
    StateView *m_state;
    QTreeWidget *m_files;
    DiffView *m_diff;
    QList<ComparedFile> m_compared;
    SkillAddress m_left;
    SkillAddress m_right;
    int m_question = 0;
};

} // namespace skillbox
