#pragma once

#include "app/desktop/session/skill_reader.h"
#include "app/desktop/shell/page.h"

#include <QTreeWidget>

namespace skillbox {

class PreviewView;
class StateView;

/// The files of a version as a tree, and the chosen one. They are fetched when they are first seen.
class SkillFiles : public QWidget
{
    Q_OBJECT

public:
    explicit SkillFiles(const Desk &desk, QWidget *parent = nullptr);
    void show(const SkillDescription &skill);
    /// Chooses a file by its path, once the files are there.
    void showFile(const QString &path);
    void applyTheme(const Theme &theme);

protected:
    void showEvent(QShowEvent *event) override;

private:
    void load();
    void fill(const SkillTree &tree);

    Desk m_desk;
    StateView *m_state;
    QTreeWidget *m_tree;
    PreviewView *m_preview;
    SkillDescription m_skill;
    QString m_directory;
    QString m_wanted;
    QHash<QString, QTreeWidgetItem *> m_items; ///< by path
    Theme m_theme;
    bool m_pending = false;
    int m_question = 0;
};

} // namespace skillbox
