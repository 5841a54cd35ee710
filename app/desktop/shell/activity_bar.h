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
    void setCurrent(int index);
    int current() const { return m_group.checkedId(); }
    /// A small count on the page's button; 0 takes it away.
    void setCount(int index, int count);
    void applyTheme(const Theme &theme);

Q_SIGNALS:
    void chosen(int index);

private:
    struct Entry {
        QToolButton *button = nullptr;
        QString icon;
        QString title;
    };
    QList<Entry> m_entries;
    QButtonGroup m_group;
};

} // namespace skillbox
