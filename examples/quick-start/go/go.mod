module quickstart

go 1.20
