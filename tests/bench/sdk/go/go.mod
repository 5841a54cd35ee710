module skillbox-bench

go 1.19

require skillbox v0.0.0

replace skillbox => ../../../../sdk/go
