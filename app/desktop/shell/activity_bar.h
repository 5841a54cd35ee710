#pragma once

#include "app/desktop/theme/theme.h"

#include <QButtonGroup>
#include <QFrame>
#include <QToolButton>

namespace skillbox {

/// The column of pages at the window's left edge. One is always chosen; arrows move between them.
class ActivityBar : public QFrame
{
    Q_OBJECT

public:
    explicit ActivityBar(QWidget *parent = nullptr);

    /// `icon` is a name in resources/icons. Returns the page's index, from 0.
    int addPage(const QString &icon, const QString &title);
    /// What comes after it sits at the lower end.
    void addStretch();
    /// The last thing in it: all commands as a menu.
    void addMenuButton();
    /// -1: none of them.
    void setCurrent(int index);
    int current() const { return m_group.checkedId(); }
    /// A small count on the page's button; 0 takes it away.
    void setCount(int index, int count);
    void applyTheme(const Theme &theme);
    /// Where a menu of this size goes, on the screen.
    QPoint menuCorner(const QSize &size) const;

Q_SIGNALS:
    void chosen(int index);
    void menuRequested();

private:
    struct Entry {
        QToolButton *button = nullptr;
        QString icon;
        QString title;
    };
    QList<Entry> m_entries;
    QButtonGroup m_group;
    QToolButton *m_menu = nullptr;
};

} // namespace skillbox
