#pragma once

#include "app/desktop/shell/page.h"
#include "engine/storage/records.h"

class QBoxLayout;
class QLabel;
class QLineEdit;
class QToolButton;

namespace skillbox {

class LogView;
class RunFeed;

/// A run's log with what one does to it: find, wrap, times, follow, copy, export.
class LogPanel : public QWidget
{
    Q_OBJECT

public:
    explicit LogPanel(const Desk &desk, QWidget *parent = nullptr);
    void clear();
    /// Takes the pieces the feed has.
    void take(RunFeed &feed);
    /// What the file of an export is called.
    void setName(const QString &name) { m_name = name; }
    void find();
    void exportLog();
    void applyTheme(const Theme &theme);
    LogView &view() { return *m_view; }

    QJsonObject saveState() const;
    void restoreState(const QJsonObject &state);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void arrange();
    void search();
    void step(int by);
    void tellMatches();
    void writeTo(const QString &path);

    Desk m_desk;
    LogView *m_view;
    QLineEdit *m_find;
    QToolButton *m_regex;
    QToolButton *m_case;
    QLabel *m_matches;
    QToolButton *m_previous;
    QToolButton *m_next;
    QToolButton *m_times;
    QToolButton *m_wrap;
    QToolButton *m_follow;
    QToolButton *m_export;
    QLabel *m_count;
    QBoxLayout *m_bar;     ///< both of these
    QBoxLayout *m_finding; ///< what finds in the log
    QBoxLayout *m_showing; ///< how it is shown
    QString m_name;
    QString m_problem; ///< of the expression
};

} // namespace skillbox
