#pragma once

#include "engine/storage/records.h"

#include <QFrame>
#include <QLabel>
#include <QToolButton>

namespace skillbox {

/// What is known of a file beside what is in it: a strip of names and values. GUI thread.
class ArtifactDetails : public QFrame
{
    Q_OBJECT

public:
    explicit ArtifactDetails(QWidget *parent = nullptr);
    void show(const ExecutionRecord &run, const ArtifactRecord &artifact);

Q_SIGNALS:
    void runClicked();
    void skillClicked();

private:
    QLabel *addValue(const QString &title, int stretch);
    QToolButton *addLink(const QString &title, const QString &name);

    QLabel *m_size;
    QLabel *m_type;
    QToolButton *m_skill;
    QToolButton *m_run;
    QLabel *m_created;
    QLabel *m_digest;
    QString m_wholeDigest;
};

} // namespace skillbox
