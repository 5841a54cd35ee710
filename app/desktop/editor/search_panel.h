#pragma once

#include "app/desktop/session/draft_files.h"
#include "app/desktop/widgets/state_view.h"

#include <QLineEdit>
#include <QToolButton>
#include <QTreeWidget>

namespace skillbox {

/// Finds a text in all files of a skill, unsaved ones included, and plans to replace it.
class SearchPanel : public QWidget
{
    Q_OBJECT

public:
    explicit SearchPanel(DraftFiles &files, QWidget *parent = nullptr);

    /// What is searched, asked for at each search.
    struct Place {
        QString project;
        QHash<QString, QByteArray> unsaved;
    };
    void setPlace(std::function<Place()> place) { m_place = std::move(place); }
    void open(const QString &text);
    /// The same search once more: the texts are others.
    void refresh();
    void applyTheme(const Theme &theme) { m_state->applyTheme(theme); }

Q_SIGNALS:
    void activated(const QString &project, const QString &file, int line, int column);
    /// The person shall see what would change, and agree or not.
    void replaceWanted(const QString &project, const skillbox::DraftReplacement &plan);

private:
    void search();
    void planReplacement();
    DraftSearch question() const;

    DraftFiles &m_files;
    std::function<Place()> m_place;
    QLineEdit *m_field;
    QToolButton *m_case;
    QToolButton *m_regex;
    QLineEdit *m_replacement;
    QPushButton *m_replace;
    QTreeWidget *m_list;
    StateView *m_state;
    QTimer m_delay;
    int m_question = 0;
};

} // namespace skillbox
