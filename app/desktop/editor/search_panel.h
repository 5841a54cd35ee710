#pragma once

#include "app/desktop/session/draft_files.h"
#include "app/desktop/widgets/state_view.h"

#include <QLineEdit>
#include <QToolButton>
#include <QTreeWidget>

namespace skillbox {

/// Finds a text in all files of a skill, unsaved ones included.
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
    void applyTheme(const Theme &theme) { m_state->applyTheme(theme); }

Q_SIGNALS:
    void activated(const QString &project, const QString &file, int line, int column);

private:
    void search();

    DraftFiles &m_files;
    std::function<Place()> m_place;
    QLineEdit *m_field;
    QToolButton *m_regex;
    QTreeWidget *m_list;
    StateView *m_state;
    QTimer m_delay;
    int m_question = 0;
};

} // namespace skillbox
